dnl summary: procmail, for mailertables
_define(`_have_procmail_', `1')
