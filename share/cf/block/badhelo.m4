# FEATURE(block_bad_helo): the client says it is us, or gives no full name; not asked of the authenticated and of those we relay for
SBadHelo
R$*		$: < $&{client_addr} > < $&{auth_authen} > $&s
R< $=R $* > < $* > $*		$@ OK
R< $* > < $+ > $*		$@ OK
R< $* > < > $-.$-.$-.$-		$: < $1 > < > [ $2.$3.$4.$5 ]
R< $* > < > $=w		$# error $@ 5.7.1 $: "550 bogus HELO name used: " $&s
R< $* > < > [ $+ ]		$@ OK
R< $* > < > $+ . $+		$@ OK
R< $* > < > $*		$# error $@ 5.7.1 $: "550 bogus HELO name used: " $&s
