dnl summary: Solaris 2.4 and older
_preset(`LOCAL_MAILER_FLAGS', `9ESn')
_preset(`LOCAL_MAILER_ARGS', `mail -f $g -d $u')
_preset(`UUCP_MAILER_ARGS', `uux - -r -a$g $h!rmail ($u)')
_preset(`confEBINDIR', `/usr/lib')
