dnl summary: MIPS RISC/os 4.5
_preset(`QUEUE_DIR', `/usr/spool/mqueue')
_preset(`LOCAL_MAILER_ARGS', `rmail -d $u')
_preset(`confEBINDIR', `/usr/lib')
