dnl summary: HP-UX 11
_preset(`confTIME_ZONE', `USE_TZ')
_preset(`LOCAL_MAILER_PATH', `/usr/bin/rmail')
_preset(`LOCAL_MAILER_FLAGS', `9m')
_preset(`LOCAL_MAILER_ARGS', `rmail -d $u')
_preset(`LOCAL_SHELL_PATH', `/usr/bin/sh')
