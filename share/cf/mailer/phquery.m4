dnl summary: the ph mailer
_define(`_have_phquery_', `1')
