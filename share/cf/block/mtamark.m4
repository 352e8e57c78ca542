# the client's network says whether it sends mail
R$*		$: $&{client_addr}
R$-.$-.$-.$-		$: < ? > $(mtamark ifelse(defn(`_ARG3_'), `', `_perm._smtp._srv', `defn(`_ARG3_')').$4.$3.$2.$1.in-addr.arpa. $: OK $)
R< ? > 0		$# error $@ 5.7.1 $: ifelse(defn(`_ARG_'), `', `"550 Rejected: " $&{client_addr} " not listed as MTA"', `defn(`_ARG_')')
R< ? > $+ <TMP>		ifelse(defn(`_ARG2_'), `', `$: TMPOK', defn(`_ARG2_'), `t', `$# error $@ 4.4.3 $: "451 Temporary lookup failure of mark for " $&{client_addr}', `$# error $@ 4.4.3 $: defn(`_ARG2_')')
