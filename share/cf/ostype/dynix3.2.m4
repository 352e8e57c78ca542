dnl summary: DYNIX 3.2
_preset(`QUEUE_DIR', `/usr/spool/mqueue')
_preset(`confEBINDIR', `/usr/lib')
