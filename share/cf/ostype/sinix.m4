dnl summary: SINIX
_preset(`STATUS_FILE', `/var/sendmail.st')
_preset(`LOCAL_MAILER_PATH', `/bin/mail.local')
_preset(`confEBINDIR', `/usr/ucblib')
