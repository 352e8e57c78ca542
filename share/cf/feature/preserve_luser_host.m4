dnl summary: LUSER_RELAY keeps the host
_flag(`preserve_luser_host')
