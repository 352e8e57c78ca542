dnl summary: UNICOS/mp
_preset(`STATUS_FILE', `/var/log/sendmail.st')
_preset(`confTIME_ZONE', `USE_TZ')
_preset(`LOCAL_MAILER_PATH', `/usr/bin/mail')
_preset(`LOCAL_MAILER_FLAGS', `9Ehm')
_preset(`LOCAL_MAILER_ARGS', `mail -s -d $u')
_preset(`confEBINDIR', `/usr/lib')
