dnl summary: NEXTSTEP
_preset(`QUEUE_DIR', `/usr/spool/mqueue')
_preset(`LOCAL_SHELL_FLAGS', `Peu')
_preset(`confEBINDIR', `/usr/lib')
