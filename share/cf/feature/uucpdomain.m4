dnl summary: the map uudomain
_flag(`uucpdomain')_table(`uudomain', defn(`_ARG_'), `uudomain', `uudomain')
