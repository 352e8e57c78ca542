dnl summary: the map virtusertable
_flag(`virtusertable')_table(`virtuser', `_ARG_', `/etc/mail/virtusertable', `virtuser')
