dnl summary: DG/UX
_preset(`confTIME_ZONE', `USE_TZ')
_preset(`LOCAL_MAILER_FLAGS', `9m')
_preset(`confEBINDIR', `/usr/lib')
