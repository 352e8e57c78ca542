dnl summary: HP-UX 9
_preset(`QUEUE_DIR', `/usr/spool/mqueue')
_preset(`confTIME_ZONE', `USE_TZ')
_preset(`LOCAL_MAILER_PATH', `/bin/rmail')
_preset(`LOCAL_MAILER_FLAGS', `9m')
_preset(`LOCAL_MAILER_ARGS', `rmail -d $u')
_preset(`confEBINDIR', `/usr/lib')
