dnl summary: host names are not passed to the name service
_flag(`nocanonify')ifelse(_ARG_, `canonify_hosts', `_flag(`canonify_hosts')')
