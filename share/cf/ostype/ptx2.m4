dnl summary: DYNIX/ptx 2
_preset(`QUEUE_DIR', `/usr/spool/mqueue')
_preset(`LOCAL_MAILER_FLAGS', `9fmn')
_preset(`LOCAL_SHELL_FLAGS', `eu')
_preset(`confEBINDIR', `/usr/lib')
