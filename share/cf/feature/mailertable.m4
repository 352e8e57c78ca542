dnl summary: the map mailertable
_flag(`mailertable')_table(`mailertable', defn(`_ARG_'), `mailertable', `mailertable')
