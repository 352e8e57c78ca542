dnl summary: a line that looks like a header where a command is due ends the session (regular expression)
_flag(`check_other')_append(`_maps_', `Kcheckother regex -aMATCH 'ifelse(defn(`_ARG_'), `', ``^[[:print:]]+ *:'', `defn(`_ARG_')')`
')
