dnl summary: MAIL FROM of unknown domains is taken
_flag(`accept_unresolvable_domains')
