dnl summary: the map domaintable
_flag(`domaintable')_table(`domaintable', `_ARG_', `/etc/mail/domaintable', `domaintable')
