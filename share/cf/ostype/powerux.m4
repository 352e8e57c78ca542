dnl summary: PowerUX
_preset(`LOCAL_MAILER_PATH', `/usr/bin/rmail')
_preset(`LOCAL_MAILER_FLAGS', `9mn')
_preset(`LOCAL_MAILER_ARGS', `rmail $u')
_preset(`LOCAL_SHELL_FLAGS', `Pehu')
_preset(`UUCP_MAILER_ARGS', `uux - -r -a$g -gmedium $h!rmail ($u)')
_preset(`confEBINDIR', `/usr/local/lib')
