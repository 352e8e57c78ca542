dnl summary: everything goes to one hub
_flag(`nullclient')_define(`_null_hub_', defn(`_ARG_'))_define(`_have_smtp_', `1')
