dnl summary: MAIL FROM without a domain is taken
_flag(`accept_unqualified_senders')
