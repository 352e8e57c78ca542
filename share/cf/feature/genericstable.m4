dnl summary: the map genericstable
_flag(`genericstable')_table(`generics', defn(`_ARG_'), `genericstable', `generics')
