dnl summary: GNU/Hurd
_preset(`STATUS_FILE', `/var/log/sendmail.st')
_preset(`LOCAL_MAILER_PATH', `/libexec/mail.local')
_preset(`LOCAL_MAILER_ARGS', `mail $u')
_preset(`confEBINDIR', `/libexec')
