dnl summary: senders whose mail exchanger has an impossible address are refused (regular expression)
_flag(`badmx')_append(`_maps_', `Kbadmxs dns -R MX -z: -a. -T<TMP>
Kbadmxa dns -R A -z: -a. -T<TMP>
Kbadmxre regex -a<BAD> 'ifelse(defn(`_ARG_'), `', ``^(127\.|10\.|0\.0\.0\.0)'', `defn(`_ARG_')')`
')_queue(`_sender_rules_', `badmx')
