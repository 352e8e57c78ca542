dnl summary: MTA-STS policies are honoured (specification of the socket map)
_append(`_options_', `O StrictTransportSecurity=True
')_append(`_maps_', `Ksts socket -d5 -T<TMPF> 'ifelse(defn(`_ARG_'), `', ``inet:5461@127.0.0.1'', `defn(`_ARG_')')`
')
