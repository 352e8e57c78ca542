dnl summary: clients whose network marks them as no mail host are refused (text; t or text; prefix)
_append(`_maps_', `Kmtamark dns -R TXT -T<TMP>
')_queue(`_connect_rules_', `mtamark', defn(`_ARG_'), defn(`_ARG2_'), defn(`_ARG3_'))
