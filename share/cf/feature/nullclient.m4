dnl summary: everything goes to one hub; no aliases, no forwarding (the hub)
_flag(`nullclient')_define(`_have_smtp_', `1')_define(`SMART_HOST', defn(`_ARG_'))_define(`MAIL_HUB', defn(`_ARG_'))_define(`MASQUERADE_NAME', defn(`_ARG_'))
_flag(`allmasquerade')_flag(`masquerade_envelope')
_define(`confFORWARD_PATH', `')
