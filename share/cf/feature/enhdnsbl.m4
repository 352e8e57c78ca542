dnl summary: like dnsbl, with up to five answers that count (list; text, discard or quarantine; t or text; answers)
_define(`_lists_', incr(_lists_))_append(`_maps_', `Klist'_lists_` dns -R A -a. -T<TMP> -r'_or(`EDNSBL_TO', `5')`
')_queue(`_connect_rules_', `dnslist', defn(`_ARG_'), `list'_lists_, defn(`_ARG2_'), defn(`_ARG3_'), defn(`_ARG4_'), defn(`_ARG5_'), defn(`_ARG6_'), defn(`_ARG7_'))
