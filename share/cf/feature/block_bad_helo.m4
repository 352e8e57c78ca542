dnl summary: clients that greet with our name or no full name are refused; with delay_checks
_flag(`badhelo')_class(`w', `[127.0.0.1] [IPv6:::1] [IPv6:0:0:0:0:0:0:0:1]')_class(`R', `127.0.0.1 IPv6:::1 IPv6:0:0:0:0:0:0:0:1')
ifdef(`_F_delay_checks', `', `_warn(`FEATURE(block_bad_helo) asks for FEATURE(delay_checks) before it: without it, it does nothing')')
