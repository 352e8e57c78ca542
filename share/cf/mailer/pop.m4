dnl summary: the spop mailer
_define(`_have_pop_', `1')
