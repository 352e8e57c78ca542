dnl summary: a prefix of recipients is taken off and sets {rcpt_flags} (prefix; flags)
ifelse(defn(`_ARG_'), `', `_fault(`FEATURE(prefixmod) needs a prefix')')ifelse(defn(`_ARG2_'), `', `_fault(`FEATURE(prefixmod) needs flags')')
_flag(`prefixmod')_define(`_prefix_', defn(`_ARG_'))_define(`_prefix_flags_', defn(`_ARG2_'))
