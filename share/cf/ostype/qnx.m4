dnl summary: QNX
_preset(`QUEUE_DIR', `/usr/spool/mqueue')
_preset(`LOCAL_MAILER_PATH', `/usr/bin/mailx')
_preset(`LOCAL_MAILER_FLAGS', `Sh')
_preset(`LOCAL_MAILER_ARGS', `mail $u')
_preset(`UUCP_MAILER_ARGS', `uux - -r -z -a$f $h!rmail ($u)')
