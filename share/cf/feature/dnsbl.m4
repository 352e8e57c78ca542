dnl summary: clients in a DNS list are refused (list; text, discard or quarantine; t or text when the list does not answer)
_define(`_lists_', incr(_lists_))_append(`_maps_', `Klist'_lists_` '_or(`DNSBL_MAP', `host')` -T<TMP>'ifdef(`DNSBL_MAP_OPT', ` DNSBL_MAP_OPT')`
')_queue(`_connect_rules_', `dnslist', defn(`_ARG_'), `list'_lists_, defn(`_ARG2_'), defn(`_ARG3_'))
