dnl summary: Altos System 5
_preset(`QUEUE_DIR', `/usr/spool/mqueue')
_preset(`LOCAL_MAILER_PATH', `/usr/bin/lmail')
_preset(`LOCAL_MAILER_FLAGS', `9CEPhmu')
_preset(`LOCAL_MAILER_ARGS', `lmail $u')
_preset(`LOCAL_SHELL_FLAGS', `Peu')
_preset(`UUCP_MAILER_ARGS', `uux - -r -a$g $h!rmail ($u)')
_preset(`confEBINDIR', `/usr/lib')
