dnl summary: the map authinfo
_flag(`authinfo')_table(`authinfo', `_ARG_', `/etc/mail/authinfo', `authinfo')
