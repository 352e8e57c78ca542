dnl summary: hosts whose best mail exchanger we are are ours (domains it is limited to)
_flag(`bestmx_is_local')_define(`_bestmx_domains_', defn(`_ARG_'))_class(`BestMX', defn(`_ARG_'))
