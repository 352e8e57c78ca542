dnl summary: users of a domain are looked up in a map of its own (domain; map)
_define(`_mapped_', `domain_'translit(defn(`_ARG_'), `.-', `__'))_flag(`domainmap')
_append(`_maps_', `K'_mapped_` 'defn(`_ARG2_')` -T<TEMP>
')_queue(`_mapped_domains_', `domainmap', defn(`_ARG_'), _mapped_)
