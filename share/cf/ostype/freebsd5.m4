dnl summary: freebsd5
_define(`LOCAL_MAILER_PATH', `/usr/libexec/mail.local')
