dnl summary: DragonFly BSD
_preset(`STATUS_FILE', `/var/log/sendmail.st')
_preset(`LOCAL_MAILER_PATH', `/usr/libexec/mail.local')
_preset(`LOCAL_MAILER_FLAGS', `9PSmnr')
_preset(`LOCAL_MAILER_ARGS', `mail $u')
_preset(`UUCP_MAILER_PATH', `/usr/local/bin/uux')
_preset(`UUCP_MAILER_ARGS', `uux - -r -z -a$g $h!rmail ($u)')
