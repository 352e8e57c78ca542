dnl summary: % is no routing character (reject or nospecial)
ifelse(_ARG_, `', `_warn(`FEATURE(nopercenthack) without an argument: taken as FEATURE(nopercenthack, reject), which is how it is written today')')
_define(`_F_nopercenthack', ifelse(_ARG_, `nospecial', `nospecial', `reject'))
