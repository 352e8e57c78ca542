dnl summary: UnixWare 7
_preset(`confTIME_ZONE', `USE_TZ')
_preset(`LOCAL_MAILER_PATH', `/etc/mail/slocal')
_preset(`LOCAL_MAILER_FLAGS', `9Phou')
_preset(`LOCAL_MAILER_ARGS', `slocal -user $u')
_preset(`LOCAL_SHELL_FLAGS', `Peu')
_preset(`confEBINDIR', `/usr/lib')
