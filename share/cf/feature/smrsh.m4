dnl summary: programs run under smrsh (its path)
_define(`LOCAL_SHELL_PATH', ifelse(defn(`_ARG_'), `', `_or(`confEBINDIR', `/usr/libexec')`/smrsh'', `defn(`_ARG_')'))_define(`LOCAL_SHELL_ARGS', `smrsh -c $u')
