dnl summary: dragonfly
_define(`LOCAL_MAILER_PATH', `/usr/libexec/mail.local')
