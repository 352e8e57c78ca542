dnl summary: the map domaintable
_flag(`domaintable')_table(`domaintable', defn(`_ARG_'), `domaintable', `domaintable')
