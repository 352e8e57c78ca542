ifdef(`LUSER_RELAY', `dnl
# nobody of ours by that name
R< > $+ + $*		$: $1 + $2 $| $(user $1 $: ? $)
R< > $+		$: $1 $| $(user $1 $: ? $)
R$* $| ?		$: < $L > $1ifdef(`_F_preserve_luser_host', ` $| $&h')
R< $+ > $* $|		$: < $1 > $2
R< $- : $+ > $* $| $+		$# $1 $@ $2 $: $3 < @ $4 >
R< $+ > $* $| $+		$# _relay_ $@ $1 $: $2 < @ $3 >
R$* $| $*		$: < > $1
')dnl
ifdef(`MAIL_HUB', `dnl
R< > $+		$: < $H > $1
')dnl
ifdef(`LOCAL_RELAY', `dnl
R< > $+		$: < $R > $1
')dnl
R< > $+		$@ $1
R< error : $+ > $+		$@ $>MailerToTriple < error : $1 > $2
R< local : $+ > $+		$# _local_ $@ $2 $: $1
R< $- : $+ > $+		$# $1 $@ $2 $: $3 < @ $2 >
R< $+ > $+		$# _relay_ $@ $1 $: $2 < @ $1 >
