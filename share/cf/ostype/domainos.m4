dnl summary: Domain/OS
_preset(`QUEUE_DIR', `/usr/spool/mqueue')
_preset(`confEBINDIR', `/usr/lib')
