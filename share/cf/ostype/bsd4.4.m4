dnl summary: 4.4BSD
_preset(`STATUS_FILE', `/var/log/sendmail.st')
_preset(`LOCAL_MAILER_PATH', `/usr/libexec/mail.local')
_preset(`UUCP_MAILER_ARGS', `uux - -r -z -a$g $h!rmail ($u)')
