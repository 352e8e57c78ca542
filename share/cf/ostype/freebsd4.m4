dnl summary: freebsd4
_define(`LOCAL_MAILER_PATH', `/usr/libexec/mail.local')
