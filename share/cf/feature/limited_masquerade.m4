dnl summary: only class M is masqueraded
_flag(`limited_masquerade')
