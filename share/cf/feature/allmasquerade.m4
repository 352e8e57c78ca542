dnl summary: recipients in headers are masqueraded too
_flag(`allmasquerade')
