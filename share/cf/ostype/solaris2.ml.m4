dnl summary: Solaris 2 with mail.local
_preset(`LOCAL_MAILER_PATH', `/usr/lib/mail.local')
_preset(`LOCAL_MAILER_FLAGS', `9Sfmn')
_preset(`LOCAL_MAILER_ARGS', `mail.local -d $u')
_preset(`UUCP_MAILER_ARGS', `uux - -r -a$g $h!rmail ($u)')
_preset(`confEBINDIR', `/usr/lib')
