dnl summary: Solaris 11
_preset(`confPID_FILE', `/system/volatile/sendmail.pid')
_preset(`LOCAL_MAILER_PATH', `/usr/lib/mail.local')
_preset(`LOCAL_MAILER_FLAGS', `9PSXmnz')
_preset(`LOCAL_MAILER_ARGS', `mail.local -l')
_preset(`LOCAL_MAILER_EOL', `\r\n')
_preset(`LOCAL_MAILER_DSN_DIAGNOSTIC_CODE', `SMTP')
_preset(`UUCP_MAILER_ARGS', `uux - -r -a$g $h!rmail ($u)')
_preset(`confEBINDIR', `/usr/lib')
_preset(`_default_daemons_', `Name=MTA-v4, Family=inet
O DaemonPortOptions=Name=MTA-v6, Family=inet6')
_flag(`local_lmtp')
