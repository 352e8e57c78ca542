dnl summary: programs run under smrsh
_define(`LOCAL_SHELL_PATH', ifelse(_ARG_, `', `_or(`confEBINDIR', `/usr/libexec')`/smrsh'', `_ARG_'))
