dnl summary: check_mail and check_relay wait for check_rcpt
_flag(`delay_checks')_define(`_delay_mode_', defn(`_ARG_'))
