dnl summary: ISC UNIX 4.1
_preset(`QUEUE_DIR', `/usr/spool/mqueue')
_preset(`confTIME_ZONE', `USE_TZ')
_preset(`LOCAL_MAILER_PATH', `/bin/lmail')
_preset(`LOCAL_MAILER_FLAGS', `9Shmu')
_preset(`LOCAL_MAILER_ARGS', `lmail -s $u')
_preset(`UUCP_MAILER_ARGS', `uux - -r -gC $h!rmail ($u)')
_preset(`confEBINDIR', `/usr/lib')
