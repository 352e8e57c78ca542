dnl summary: MPE/iX
_preset(`confDEF_USER_ID', `SERVER.SENDMAIL')
_preset(`confDONT_BLAME_SENDMAIL', `ForwardFileInGroupWritableDirPath')
_preset(`confTIME_ZONE', `USE_TZ')
_preset(`confTRUSTED_USER', `SERVER.SENDMAIL')
_preset(`LOCAL_MAILER_PATH', `/bin/tsmail')
_preset(`LOCAL_MAILER_FLAGS', `9mu')
_preset(`LOCAL_MAILER_ARGS', `tsmail $u')
