dnl summary: senders whose domain is in a DNS list are refused, with delay_checks (list; text; t or text when the list does not answer)
_define(`_lists_', incr(_lists_))_append(`_maps_', `Klist'_lists_` host -T<TMP>
')_queue(`_connect_rules_', `rhslist', defn(`_ARG_'), `list'_lists_, defn(`_ARG2_'), defn(`_ARG3_'))
