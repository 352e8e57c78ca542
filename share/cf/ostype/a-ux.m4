dnl summary: Apple A/UX
_preset(`QUEUE_DIR', `/usr/spool/mqueue')
_preset(`LOCAL_MAILER_FLAGS', `9mn')
_preset(`LOCAL_MAILER_ARGS', `mail -d -r $f $u')
_preset(`confEBINDIR', `/usr/lib')
