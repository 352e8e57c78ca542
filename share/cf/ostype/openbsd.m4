dnl summary: OpenBSD
_preset(`STATUS_FILE', `/var/log/sendmail.st')
_preset(`LOCAL_MAILER_PATH', `/usr/libexec/mail.local')
_preset(`LOCAL_MAILER_FLAGS', `9Smnr')
_preset(`UUCP_MAILER_ARGS', `uux - -r -z -a$g $h!rmail ($u)')
