dnl summary: the local mailer does not masquerade
_flag(`local_no_masquerade')
