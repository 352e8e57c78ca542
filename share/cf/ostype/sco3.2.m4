dnl summary: SCO UNIX 3.2
_preset(`QUEUE_DIR', `/usr/spool/mqueue')
_preset(`LOCAL_MAILER_PATH', `/usr/bin/lmail')
_preset(`LOCAL_MAILER_FLAGS', `9CEPhu')
_preset(`LOCAL_MAILER_ARGS', `lmail $u')
_preset(`LOCAL_SHELL_FLAGS', `Peu')
_preset(`confEBINDIR', `/usr/lib')
