###  The access map.  Asked with < + > < Tag > < key > (with the tag, then as an old map has it, without) or < ! > (with the tag only);
###  the answer is < value >, or < ? > for none
SAccessKey
R< $- > < $- > < $* >		$: < $(access $2:$3 $: ? $) > < $1 > < $3 >
R< ? > < + > < $+ >		$: < $(access $1 $: ? $) >
R< $* > $*		$@ < $1 >

# a host, then the domains above it; < SKIP > ends the search
SAccessHost
R< $- > < $- > < >		$@ < ? >
R$*		$: $1 $| $>AccessKey $1
ifdef(`_F_lookupdotdomain', `dnl
R< $- > < $- > < $- . $+ > $| < ? >		$: < $1 > < $2 > < $3 . $4 > $| $>AccessKey < $1 > < $2 > < . $4 >
')dnl
R< $- > < $- > < [ $+ : : $- ] > $| < ? >		$@ $>AccessHost < $1 > < $2 > < [ $3 ] >
R< $- > < $- > < [ $+ : $- ] > $| < ? >		$@ $>AccessHost < $1 > < $2 > < [ $3 ] >
R< $- > < $- > < [ $+ . $- ] > $| < ? >		$@ $>AccessHost < $1 > < $2 > < [ $3 ] >
R< $- > < $- > < $- . $+ > $| < ? >		$@ $>AccessHost < $1 > < $2 > < $4 >
ifdef(`_F_skip', `R$* $| < SKIP >		$@ < ? >
')dnl
R$* $| < $* >		$@ < $2 >

# an address, then the nets above it
SAccessAddr
R< $- > < $- > < >		$@ < ? >
R$*		$: $1 $| $>AccessKey $1
R< $- > < $- > < $+ : : $- > $| < ? >		$@ $>AccessAddr < $1 > < $2 > < $3 >
R< $- > < $- > < $+ : $- > $| < ? >		$@ $>AccessAddr < $1 > < $2 > < $3 >
R< $- > < $- > < $+ . $- > $| < ? >		$@ $>AccessAddr < $1 > < $2 > < $3 >
ifdef(`_F_skip', `R$* $| < SKIP >		$@ < ? >
')dnl
R$* $| < $* >		$@ < $2 >

# AccessClient: < mode > < Tag > < name > < address >: the name and above, the address and above, the tag alone
SAccessClient
R$*		$: $1 $| < ? >
R< $- > < $- > < $+ > < $* > $| < ? >		$: < $1 > < $2 > < $3 > < $4 > $| $>AccessHost < $1 > < $2 > < $3 >
R< $- > < $- > < $* > < $+ > $| < ? >		$: < $1 > < $2 > < $3 > < $4 > $| $>AccessAddr < $1 > < $2 > < $4 >
R< $- > < $- > $* $| < ? >		$: $| $>AccessKey < ! > < $2 > < >
R$* $| < $* >		$@ < $2 >

# AccessMailbox: < mode > < Tag > user < @ host > : the whole address (with and without its detail), the name alone, the host and above
SAccessMailbox
R< $- > < $- > $+ < @ $+ >		$: < $1 > < $2 > $3 < @ $4 > $| $>AccessUser < $1 > < $2 > < $3 > < @ $4 >
R< $- > < $- > $+ < @ $+ > $| < ? >		$: < $1 > < $2 > $3 < @ $4 > $| $>AccessUser < $1 > < $2 > < $3 > < @ >
R< $- > < $- > $+ < @ $+ > $| < ? >		$: < $1 > < $2 > $3 < @ $4 > $| $>AccessHost < $1 > < $2 > < $4 >
R$* $| < $* >		$@ < $2 >
SAccessUser
R< $- > < $- > < $+ > < @ $* >		$: < $1 > < $2 > < $3 > < @ $4 > $| $>AccessKey < $1 > < $2 > < $3 @ $4 >
R< $- > < $- > < $+ + $* > < @ $* > $| < ? >		$: < $1 > < $2 > < $3 > < @ $5 > $| $>AccessKey < $1 > < $2 > < $3 @ $5 >
R$* $| < $* >		$@ < $2 >

# AccessVerdict: < value >: the refusal it asks for, or the value
SAccessVerdict
R< $* <TMPF> >		$# error $@ 4.3.0 $: "451 Temporary system failure. Please try again later."
R< ? >		$@ ?
R< OK >		$@ OK
R< RELAY >		$@ RELAY
R< REJECT >		$# error ifdef(`confREJECT_MSG', `$: confREJECT_MSG', `$@ 5.7.1 $: "550 Access denied"')
R< DISCARD >		$# discard $: discard
R< QUARANTINE : $+ >		$# error $@ quarantine $: $1
R< ERROR : $-.$-.$- : $+ >		$# error $@ $1.$2.$3 $: $4
R< ERROR : $+ >		$# error $: $1
R< $+ >		$# error $: $1
