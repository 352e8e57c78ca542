###  Masquerading: what an address is called outside.  MasqHdr for headers, MasqEnv for the envelope
SMasqHdr=93
ifdef(`_F_genericstable', `dnl
R$+ < @ *LOCAL* >		$: < $1 @ $j > $1 < @ *LOCAL* > @
ifdef(`_F_generics_entire_domain', `dnl
R$+ < @ $* $=G . >		$: < $1 @ $2 $3 > $1 < @ $2 $3 . > @
', `dnl
R$+ < @ $=G . >		$: < $1 @ $2 > $1 < @ $2 . > @
')dnl
R< $+ > $+ < $* > @		$: $2 < $3 > @ $| $>GenericName $1
R$+ < $* > @ $| ?		$: $1 < $2 >
R$+ < $* > @ $| $+ @ $+		$@ $>canonify $3 @ $4
R$+ < $* > @ $| $+		$: $3 < @ *LOCAL* >
')dnl
ifdef(`MASQUERADE_NAME', `dnl
# users who are to be seen where they are, hosts that keep their names
R$=E < @ *LOCAL* >		$@ $1 < @ $j . >
R$=E < @ $=M . >		$@ $1 < @ $2 . >
R$=E < @ $=w . >		$@ $1 < @ $2 . >
R$* < @ $=N . > $*		$@ $1 < @ $2 . > $3
ifdef(`_F_masquerade_entire_domain', `dnl
R$* < @ $* $=N . > $*		$@ $1 < @ $2 $3 . > $4
R$=E < @ $* $=M . >		$@ $1 < @ $2 $3 . >
R$* < @ $* $=M . > $*		$: $1 < @ $2 $3 . @M > $4
', `dnl
R$* < @ $=M . > $*		$: $1 < @ $2 . @M > $3
')dnl
ifdef(`_F_limited_masquerade', `', `dnl
R$* < @ $=w . > $*		$: $1 < @ $2 . @M > $3
')dnl
R$* < @ *LOCAL* > $*		$: $1 < @ $j . @M > $2
R$* < @ $+ @M > $*		$: $1 < @ $2 @M > $3 $| $M
R$* < @ $+ @M > $* $|		$@ $1 < @ $2 > $3
R$* < @ $+ @M > $* $| $+		$@ $1 < @ $4 . > $3
R$* < @ $+ @ > $*		$: $1 < @ $2 > $3
', `dnl
R$* < @ *LOCAL* > $*		$@ $1 < @ $j . > $2
')dnl

SMasqEnv=94
ifdef(`_F_masquerade_envelope', `dnl
R$+		$@ $>MasqHdr $1
', `dnl
R$* < @ *LOCAL* > $*		$: $1 < @ $j . > $2
')dnl
ifdef(`_F_genericstable', `dnl

###  GenericName: user+detail@host in the table, then user+*@host, user@host, +*@host, @host, then the name alone; ? if in none
SGenericName
R$+		$: < ? > $1
R< ? > $+		$: < $(generics $1 $: ? $) > $1
R< ? > $+ + $* @ $+		$: < $(generics $1+*@$3 $@ $2 $: ? $) > $1 + $2 @ $3
R< ? > $+ + $* @ $+		$: < $(generics $1@$3 $@ +$2 $: ? $) > $1 + $2 @ $3
R< ? > $+ @ $+		$: < $(generics @$2 $@ $1 $: ? $) > $1 @ $2
R< ? > $+ @ $+		$: < $(generics $1 $: ? $) > $1 @ $2
R< ? > $+ + $* @ $+		$: < $(generics $1+* $@ $2 $: ? $) > $1 + $2 @ $3
R< ? > $+ + $* @ $+		$: < $(generics $1 $: ? $) > $1 + $2 @ $3
R< $+ > $*		$@ $1
')dnl
