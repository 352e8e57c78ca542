dnl summary: procmail or another agent delivers locally
_define(`LOCAL_MAILER_PATH', ifelse(_ARG_, `', `_or(`PROCMAIL_MAILER_PATH', `/usr/local/bin/procmail')', `_ARG_'))
_define(`LOCAL_MAILER_ARGS', ifelse(_ARG2_, `', ``procmail -Y -a $h -d $u'', ``_ARG2_''))
_define(`LOCAL_MAILER_FLAGS', ifelse(_ARG3_, `', `SPfhn9', `_ARG3_'))
