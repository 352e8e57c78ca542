dnl summary: UXP/DS
_preset(`LOCAL_MAILER_PATH', `/usr/ucblib/binmail')
_preset(`LOCAL_SHELL_FLAGS', `Pehu')
_preset(`UUCP_MAILER_ARGS', `uux - -r -a$f -gmedium $h!rmail ($u)')
_preset(`confEBINDIR', `/usr/ucblib')
