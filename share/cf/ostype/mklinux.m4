dnl summary: MkLinux
_preset(`STATUS_FILE', `/var/log/sendmail.st')
_preset(`LOCAL_MAILER_PATH', `/usr/bin/procmail')
_preset(`LOCAL_MAILER_FLAGS', `9PSfhn')
_preset(`LOCAL_MAILER_ARGS', `procmail -a $h -d $u')
_preset(`PROCMAIL_MAILER_PATH', `/usr/bin/procmail')
_preset(`confEBINDIR', `/usr/sbin')
