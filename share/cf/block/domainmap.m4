dnl _ARG_ the domain, _ARG2_ its map
# FEATURE(domainmap): users of _ARG_; what stands behind a + is given on.  As a sender the address stays as it is
R$* $=O $* < @ _ARG_ . >		$@ $>Recurse $1 $2 $3
R$+ < @ _ARG_ . >		$: < $1 > < @ _ARG_ . > $| $&{addr_type}
R< $+ > $* $| e s		$# smtp $@ _ARG_. $: $1 @ _ARG_.
R< $+ + $* > < @ _ARG_ . > $| $*		$: < $1 > < + $2 > < @ _ARG_ . >
R< $+ > < @ _ARG_ . > $| $*		$: < $1 > < > < @ _ARG_ . >
R< $+ > < $* > < @ _ARG_ . >		$: < $(_ARG2_ $1 $: ? $) > < $1 $2 > < $2 > < @ _ARG_ . >
R< ? > $* < @ _ARG_ . >		$# error $@ 5.1.1 $: "550 email address lookup in domain map failed"
R< $* <TEMP> > < $+ > $* < @ _ARG_ . >		$# dsmtp $@ localhost $: $2 @ _ARG_
R< $+ @ $+ > < $+ > < $* > < @ _ARG_ . >		$@ $>Recurse $1 $4 @ $2
R< $+ > < $+ > < $* > < @ _ARG_ . >		$@ $>Recurse $1
