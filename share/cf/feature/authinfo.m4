dnl summary: the map authinfo
_flag(`authinfo')_table(`authinfo', defn(`_ARG_'), `authinfo', `authinfo')
