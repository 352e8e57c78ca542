dnl summary: IRIX 6
_preset(`confDEF_USER_ID', `998:998')
_preset(`STATUS_FILE', `/var/sendmail.st')
_preset(`confTIME_ZONE', `USE_TZ')
_preset(`confEBINDIR', `/usr/lib')
_preset(`LOCAL_MAILER_FLAGS', `9Ehmu')
_preset(`LOCAL_MAILER_ARGS', `mail -s -d $u')
_preset(`LOCAL_MAILER_CHARSET', `iso-8859-1')
