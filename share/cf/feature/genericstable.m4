dnl summary: the map genericstable
_flag(`genericstable')_table(`generics', `_ARG_', `/etc/mail/genericstable', `generics')
