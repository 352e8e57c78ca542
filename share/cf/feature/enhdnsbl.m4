dnl summary: like dnsbl, with up to six answers that count (list; text, discard or quarantine; t or text; answers)
ifdef(`_F_enhdnsbl', `', `_flag(`enhdnsbl')_append(`_maps_', `Kednsbl dns -R A -a. -T<TMP> -r'_or(`EDNSBL_TO', `5')`
')')_queue(`_connect_rules_', `dnslist', defn(`_ARG_'), `ednsbl', defn(`_ARG2_'), defn(`_ARG3_'), defn(`_ARG4_'), defn(`_ARG5_'), defn(`_ARG6_'), defn(`_ARG7_'), defn(`_ARG8_'), defn(`_ARG9_'))
