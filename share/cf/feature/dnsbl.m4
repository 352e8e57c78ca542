dnl summary: clients in a DNS list are refused (list; text, discard or quarantine; t or text when the list does not answer)
ifdef(`_F_dnsbl', `', `_flag(`dnsbl')_append(`_maps_', `Kdnsbl '_or(`DNSBL_MAP', `dns -R A')` -T<TMP>'ifdef(`DNSBL_MAP_OPT', ` DNSBL_MAP_OPT')`
')')_queue(`_connect_rules_', `dnslist', defn(`_ARG_'), `dnsbl', defn(`_ARG2_'), defn(`_ARG3_'))
