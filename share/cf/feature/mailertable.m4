dnl summary: the map mailertable
_flag(`mailertable')_table(`mailertable', `_ARG_', `/etc/mail/mailertable', `mailertable')
