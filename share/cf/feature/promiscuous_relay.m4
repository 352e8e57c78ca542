dnl summary: anyone may relay
_flag(`promiscuous_relay')
