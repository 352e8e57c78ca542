dnl summary: local names get a domain in headers
_flag(`always_add_domain')_define(`_always_domain_', ifelse(_ARG_, `', `*LOCAL*', `_ARG_'))
