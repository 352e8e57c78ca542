dnl summary: the SMTP mailers (MAILER smtp)
_define(`_have_smtp_', `1')
