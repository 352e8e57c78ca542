dnl summary: Concurrent Maxion
_preset(`STATUS_FILE', `/var/adm/log/sendmail.st')
_preset(`LOCAL_MAILER_PATH', `/usr/bin/mail')
_preset(`LOCAL_MAILER_ARGS', `mail $u')
_preset(`LOCAL_SHELL_FLAGS', `Pehu')
_preset(`UUCP_MAILER_ARGS', `uux - -r -a$g -gmedium $h!rmail ($u)')
_preset(`confEBINDIR', `/usr/ucblib')
