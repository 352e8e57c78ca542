dnl summary: the map bitdomain
_flag(`bitdomain')_table(`bitdomain', defn(`_ARG_'), `bitdomain', `bitdomain')
