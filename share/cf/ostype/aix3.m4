dnl summary: AIX 3
_preset(`confTIME_ZONE', `USE_TZ')
_preset(`LOCAL_MAILER_PATH', `/bin/bellmail')
_preset(`LOCAL_MAILER_FLAGS', `9mn')
_preset(`LOCAL_MAILER_ARGS', `mail $u')
_preset(`confEBINDIR', `/usr/lib')
