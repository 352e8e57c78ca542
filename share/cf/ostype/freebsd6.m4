dnl summary: freebsd6
_define(`LOCAL_MAILER_PATH', `/usr/libexec/mail.local')
