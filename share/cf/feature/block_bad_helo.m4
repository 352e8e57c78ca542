dnl summary: clients that greet with our name or no full name are refused; with delay_checks
_needs(`delay_checks')dnl
_flag(`badhelo')_class(`w', `[127.0.0.1] [IPv6:::1] [IPv6:0:0:0:0:0:0:0:1]')_class(`R', `127.0.0.1 IPv6:::1 IPv6:0:0:0:0:0:0:0:1')
