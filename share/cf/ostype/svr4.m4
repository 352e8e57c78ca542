dnl summary: System V Release 4
_preset(`LOCAL_MAILER_PATH', `/usr/ucblib/binmail')
_preset(`LOCAL_SHELL_FLAGS', `Pehu')
_preset(`UUCP_MAILER_ARGS', `uux - -r -a$g -gmedium $h!rmail ($u)')
_preset(`confEBINDIR', `/usr/ucblib')
