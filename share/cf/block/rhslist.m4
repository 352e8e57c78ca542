dnl _ARG_ the list, _ARG2_ its map, _ARG3_ the refusal, _ARG4_ the same when the list does not answer
# is the sender's domain in the list _ARG_?  OK or RELAY under rhs: of the access map excuses it
R$*		$: < > $>CanonAddr $&f
R< > $* < @ $+ . >		$: < ? > $1 < @ $2 >
ifdef(`_F_access_db', `dnl
R< ? > $* < @ $+ >		$: $1 < @ $2 > $| $>AccessKey < + > < rhs > < $1 @ $2 >
R$* < @ $+ > $| < ? >		$: $1 < @ $2 > $| $>AccessHost < + > < rhs > < $2 >
R$* $| < OK >		$: < >
R$* $| < RELAY >		$: < >
R$* $| $*		$: < ? > $1
')dnl
R< ? > $* < @ $+ >		$: < ? > $(_ARG2_ $2._ARG_. $: OK $) $(macro {RHS} $@ $2 $)
R< > $*		$: OKSOFAR
R< ? > OK		$: OKSOFAR
R< ? > $+ <TMP>		ifelse(defn(`_ARG4_'), `', `$: TMPOK', `$# error $@ 4.7.1 $: ifelse(defn(`_ARG4_'), `t', `"451 Temporary lookup failure of " $&{RHS} " at _ARG_"', `defn(`_ARG4_')')')
R< ? > $+		$# error $@ 5.7.1 $: ifelse(defn(`_ARG3_'), `', `"550 Mail from " $&{RHS} " refused by blackhole site _ARG_"', `defn(`_ARG3_')')
