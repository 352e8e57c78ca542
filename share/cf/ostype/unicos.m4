dnl summary: UNICOS
_preset(`ALIAS_FILE', `/usr/lib/aliases')
_preset(`HELP_FILE', `/usr/lib/sendmail.hf')
_preset(`confPID_FILE', `/etc/sendmail.pid')
_preset(`QUEUE_DIR', `/usr/spool/mqueue')
_preset(`STATUS_FILE', `/usr/lib/sendmail.st')
_preset(`LOCAL_MAILER_FLAGS', `9PSXamnprux')
_preset(`LOCAL_SHELL_FLAGS', `ehpux')
