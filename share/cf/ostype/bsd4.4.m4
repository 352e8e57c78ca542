dnl summary: bsd4.4
_define(`LOCAL_MAILER_PATH', `/usr/libexec/mail.local')
