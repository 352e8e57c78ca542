dnl summary: hosts below class M are masqueraded
_flag(`masquerade_entire_domain')
