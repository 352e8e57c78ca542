dnl summary: clients without a name, or with a forged one, are refused
_queue(`_connect_rules_', `rdns')
