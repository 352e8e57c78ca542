dnl summary: ! is no routing character (reject or nospecial)
ifelse(_ARG_, `', `_warn(`FEATURE(nouucp) without an argument: taken as FEATURE(nouucp, reject), which is how it is written today')')
_define(`_F_nouucp', ifelse(_ARG_, `nospecial', `nospecial', `reject'))
