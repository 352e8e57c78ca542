dnl summary: IRIX 4
_preset(`QUEUE_DIR', `/usr/spool/mqueue')
_preset(`LOCAL_MAILER_FLAGS', `9Ehm')
_preset(`confEBINDIR', `/usr/lib')
