dnl summary: the map virtusertable
_flag(`virtusertable')_table(`virtuser', defn(`_ARG_'), `virtusertable', `virtuser')
