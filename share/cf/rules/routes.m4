ifdef(`_F_virtusertable', `dnl
###  VirtualUser: user < @ host . > looked up, most special key first; < new address > < VIRT > is sent round again by the caller
SVirtualUser
R$+ < @ $+ . >		$: < ! > $1 < @ $2 . >
R< ! > $+ + $* < @ $+ . >		$: < $(virtuser $1 + $2 @ $3 $@ $1 $@ $2 $@ +$2 $: ! $) > $1 + $2 < @ $3 . >
R< ! > $+ + $+ < @ $+ . >		$: < $(virtuser $1 + + @ $3 $@ $1 $@ $2 $@ +$2 $: ! $) > $1 + $2 < @ $3 . >
R< ! > $+ + $* < @ $+ . >		$: < $(virtuser $1 + * @ $3 $@ $1 $@ $2 $@ +$2 $: ! $) > $1 + $2 < @ $3 . >
R< ! > $+ + $* < @ $+ . >		$: < $(virtuser $1 @ $3 $@ $1 $@ $2 $@ +$2 $: ! $) > $1 + $2 < @ $3 . >
R< ! > $+ + $+ < @ $+ . >		$: < $(virtuser + + @ $3 $@ $1 $@ $2 $@ +$2 $: ! $) > $1 + $2 < @ $3 . >
R< ! > $+ + $* < @ $+ . >		$: < $(virtuser + * @ $3 $@ $1 $@ $2 $@ +$2 $: ! $) > $1 + $2 < @ $3 . >
R< ! > $+ + $* < @ $+ . >		$: < $(virtuser @ $3 $@ $1 $@ $2 $@ +$2 $: ! $) > $1 + $2 < @ $3 . >
R< ! > $+ < @ $+ . >		$: < $(virtuser $1 @ $2 $@ $1 $: ! $) > $1 < @ $2 . >
R< ! > $+ < @ $+ . >		$: < $(virtuser @ $2 $@ $1 $: ! $) > $1 < @ $2 . >
R< ! > $*		$@ $1
R< error : $-.$-.$- : $+ > $*		$# error $@ $1.$2.$3 $: $4
R< error : $- $+ > $*		$# error $@ $(dequote $1 $) $: $2
R< $+ > $+ < @ $+ . >		$@ $>Recurse $1
')dnl
ifdef(`_F_mailertable', `dnl
###  Mailertable: < name left to try > address; the entry for the name, else for the domains above it, each with its dot
SMailertable=90
R< $* > $*		$: < $(mailertable $1 $: ? $) > < $1 > $2
R< ? > < . $* > $*		$: < ? > < > < $1 > $2
R< ? > < $~[ . $+ > $*		$: $>MailertableUp < $2 > < $1 > $3
R< ? > < [ ] > $*		$: < $(mailertable . $@ [ ] $: ? $) > < [ ] > $1
R< ? > < [ ] > $*		$@ $1
R< ? > < [ $+ ] > $*		$@ $2
R< ? > < $* > $*		$: < $(mailertable . $@ $1 $: ? $) > < $1 > $2
R< ? > < $* > $*		$@ $2
R< $+ > < $* > $*		$@ $>MailerToTriple < $1 > $3
# < .rest looked up > < what stands before it >: %1 of an entry for a domain is the part before
SMailertableUp
R< $+ > < $+ > $*		$: < $(mailertable .$1 $@ $2 $: ? $) > < $1 > < $2 > $3
R< ? > < $- . $+ > < $+ > $*		$@ $>MailertableUp < $2 > < $3 . $1 > $4
R< ? > < $- > < $+ > $*		$: < $(mailertable . $@ $2 . $1 $: ? $) > < $1 > < $2 > $3
R< $+ > < $* > < $+ > $*		$@ < $1 > < $2 > $4
')dnl

###  MailerToTriple: < mailer:host > address to the delivery it asks for; < > leaves the address
SMailerToTriple=95
R< > $*		$@ $1
R< error : $-.$-.$- : $+ > $*		$# error $@ $1.$2.$3 $: $4
R< error : $- : $+ > $*		$# error $@ $(dequote $1 $) $: $2
R< error : $+ > $*		$# error $: $1
R< local : $* > $*		$>LocalTriple < $1 > $2
R< $~[ : $+ @ $+ > $* < $* > $*		$# $1 $@ $3 $: $2 < @ $3 >
R< $~[ : $+ > $*		$# $1 $@ $2 $: $3
R< $=w > $*		$@ $2
R< $+ > $*		$# _relay_ $@ $1 $: $2

# LocalTriple: < user > address or < > address, for the local mailer
SLocalTriple
R$* < @ $+ . > $*		$: $1 < @ $2 > $3
R< > $* < @ $* > $*		$# _local_ $@ $1 @ $2 $: $1
R< > $+		$# _local_ $@ $1 $: $1
R< $+ > $* < @ $* > $*		$# _local_ $@ $2 @ $3 $: $1
R< $+ > $*		$# _local_ $@ $2 $: $1

###  localaddr: a local name after aliasing; the hub, the relay for names without a host, the relay for unknown users
Slocaladdr=5
ifdef(`_F_msp', `dnl
R$* < @ $+ > $*		$# _relay_ $@ _msp_host_ $: $1 < @ $2 > $3
R$+ @ $+		$# _relay_ $@ _msp_host_ $: $1 < @ $2 >
R$+		$# _relay_ $@ _msp_host_ $: $1 < @ $j >
')dnl
R$+		$: $1 $| $>Local_localaddr $1
R$+ $| $# $*		$# $2
R$+ $| $*		$: $1
ifdef(`_F_preserve_local_plus_detail', `', `dnl
R$+ + *		$# _local_ $@ $&h $: $1
R$+ + $*		$# _local_ $@ + $2 $: $1 + *
')dnl
R$+		$: < > $1
_block(`localrelays')dnl
