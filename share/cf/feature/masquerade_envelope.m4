dnl summary: the envelope is masqueraded too
_flag(`masquerade_envelope')
