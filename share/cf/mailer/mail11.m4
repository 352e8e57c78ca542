dnl summary: DECnet mail11
_define(`_have_mail11_', `1')
