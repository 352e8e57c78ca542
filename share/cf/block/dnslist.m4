dnl _ARG_ the list, _ARG2_ its map, _ARG3_ what to do, _ARG4_ the same when it does not answer, then the answers that count
# is the client in the list _ARG_?
R$*		$: $&{client_addr}
R$-.$-.$-.$-		$: < ? > $(_ARG2_ $4.$3.$2.$1._ARG_. $: OK $)
R< ? > OK		$: OKSOFAR
R< ? > $+ <TMP>		ifelse(defn(`_ARG4_'), `', `$: TMPOK', `$# error $@ 4.4.3 $: ifelse(defn(`_ARG4_'), `t', `"451 Temporary lookup failure of " $&{client_addr} " at _ARG_"', `defn(`_ARG4_')')')
_define(`_refuse_', ifelse(defn(`_ARG3_'), `', ``$# error $@ 5.7.1 $: "550 Rejected: " $&{client_addr} " listed at '_ARG_`"'', defn(`_ARG3_'), `discard', ``$# discard $: discard'', defn(`_ARG3_'), `quarantine', ``$# error $@ quarantine $: '_ARG_', ``$# error $@ 5.7.1 $: 'defn(`_ARG3_')'))dnl
ifelse(defn(`_ARG5_'), `', `R< ? > $+		defn(`_refuse_')
', `dnl
_list_value_(defn(`_ARG5_'))_list_value_(defn(`_ARG6_'))_list_value_(defn(`_ARG7_'))_list_value_(defn(`_ARG8_'))_list_value_(defn(`_ARG9_'))_list_value_(defn(`_ARG10_'))dnl
')dnl
