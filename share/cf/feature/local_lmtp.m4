dnl summary: an LMTP program delivers locally
_define(`LOCAL_MAILER_PATH', ifelse(_ARG_, `', `_or(`confEBINDIR', `/usr/libexec')`/mail.local'', `_ARG_'))
_define(`LOCAL_MAILER_FLAGS', `PSXmnz9')_define(`LOCAL_MAILER_ARGS', ifelse(_ARG2_, `', `mail.local -l', `_ARG2_'))
_define(`LOCAL_MAILER_DSN_DIAGNOSTIC_CODE', `SMTP')
