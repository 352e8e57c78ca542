dnl summary: 4.3BSD
_preset(`QUEUE_DIR', `/usr/spool/mqueue')
_preset(`UUCP_MAILER_ARGS', `uux - -r -z -a$g $h!rmail ($u)')
