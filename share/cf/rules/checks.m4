###  what may connect, send and be sent to
ifdef(`_F_access_db', `dnl
# LookUp: < Tag > < name or address >  to  < value > or < ? >: with its tag, then without; then the domain or net above it
SLookUp
R< $- > < $+ >		$: < $(access $1:$2 $: ? $) > < $1 > < $2 >
R< ? > < $- > < $+ >		$: < $(access $2 $: ? $) > < $1 > < $2 >
R< ? > < $- > < [ $+ . $- ] >		$@ $>LookUp < $1 > < [ $2 ] >
R< ? > < $- > < $-.$-.$-.$- >		$@ < ? >
R< ? > < $- > < $- . $+ >		$@ $>LookUp < $1 > < $3 >
R< $+ > < $- > < $+ >		$@ < $1 >
SLookUpAddr
R< $- > < $+ >		$: < $(access $1:$2 $: ? $) > < $1 > < $2 >
R< ? > < $- > < $+ >		$: < $(access $2 $: ? $) > < $1 > < $2 >
R< ? > < $- > < $+ . $- >		$@ $>LookUpAddr < $1 > < $2 >
R< $+ > < $- > < $+ >		$@ < $1 >
')dnl
# Verdict: < value of the access map >: a refusal, or the value given back
SVerdict
R< REJECT >		$# error $@ 5.7.1 $: "550 Access denied"
R< DISCARD >		$# discard $: discard
R< QUARANTINE:$+ >		$# error $@ quarantine $: $1
R< ERROR:$-.$-.$- : $+ >		$# error $@ $1.$2.$3 $: $4
R< ERROR:$+ >		$# error $: $1
R< $- $+ >		$# error $: $1 $2

SLocal_check_relay
Scheck_relay
R$*		$: $1 $| $>Local_check_relay $1
R$* $| $* $| $# $*		$# $3
R$* $| $* $| $*		$@ $>Basic_check_relay $1 $| $2
SBasic_check_relay
R$*		$: < $&{deliveryMode} > $1
R< d > $*		$@ deferred
R< $* > $*		$: $2
ifdef(`_F_access_db', `dnl
R$+ $| $+		$: $1 $| $2 $| $>LookUp < Connect > < $1 >
R$+ $| $+ $| < ? >		$: $1 $| $2 $| $>LookUpAddr < Connect > < $2 >
R$+ $| $+ $| < ? >		$@ $1 $| $2
R$+ $| $+ $| < $+ >		$@ $>Verdict < $3 >
')dnl

SLocal_check_mail
Scheck_mail
R$*		$: $1 $| $>Local_check_mail $1
R$* $| $# $*		$# $2
R$* $| $*		$@ $>Basic_check_mail $1
SBasic_check_mail
R$*		$: < $&{deliveryMode} > $1
R< d > $*		$@ deferred
R< $* > $*		$: $2
R<>		$@ < OK >
R$+		$: $>CanonAddr < $1 >
R< $+ >		$: $1
R$* < @ $+ . >		$1 < @ $2 >
ifdef(`_F_access_db', `dnl
R$+ < @ $+ >		$: < $(access From:$1@$2 $: ? $) > $1 < @ $2 >
R< ? > $+ < @ $+ >		$: < $(access $1@$2 $: ? $) > $1 < @ $2 >
R< ? > $+ < @ $+ >		$: < $(access From:$1@ $: ? $) > $1 < @ $2 >
R< ? > $+ < @ $+ >		$: < $(access $1@ $: ? $) > $1 < @ $2 >
R< ? > $+ < @ $+ >		$: $1 < @ $2 > $| $>LookUp < From > < $2 >
R$* $| < ? >		$: $1
R$* $| < $+ >		$: < $2 > $1
R< OK > $*		$# OK
R< RELAY > $*		$# OK
R< $+ > $* < @ $+ >		$@ $>Verdict < $1 >
')dnl
ifdef(`_F_accept_unqualified_senders', `dnl
R$-		$@ @ $1
R$+ + $*		$@ @ $1 + $2
', `dnl
R$+ < @ $+ >		$: < OK > $1 < @ $2 >
R$+		$: < $&{client_addr} > $1
R< $* > < OK > $*		$: $2
R< > $*		$@ @ $1
R< $+ > $+		$# error $@ 5.5.4 $: "553 Domain name required for sender address " $&f
')dnl
ifdef(`_F_accept_unresolvable_domains', `', `dnl
R$* < @ $=w >		$@ @ $1 < @ $2 >
R$* < @ $+ >		$: < $(resolve $2 $: $2 <PERM> $) > $1 < @ $2 >
R< $* <PERM> > $*		$# error $@ 5.1.8 $: "553 Domain of sender address " $&f " does not exist"
R< $* <TEMP> > $*		$# error $@ 4.1.8 $: "451 Domain of sender address " $&f " does not resolve"
R< $* <OK> > $*		$: $2
')dnl
R$+ < @ $+ >		$@ @ $1 < @ $2 >

SCanonAddr
R$*		$: $>Parse0 $>canonify $1

SLocal_check_rcpt
Scheck_rcpt
R$*		$: $1 $| $>Local_check_rcpt $1
R$* $| $# $*		$# $2
R$* $| $*		$@ $>Basic_check_rcpt $1
SBasic_check_rcpt
R<>		$# error $@ nouser $: "553 User address required"
R$@		$# error $@ nouser $: "553 User address required"
R$*		$: < $&{deliveryMode} > $1
R< d > $*		$@ deferred
R< $* > $*		$: $2
R$*		$: $>ParseRecipient $1
ifdef(`_F_blocklist_recipients', `ifdef(`_F_access_db', `dnl
R$+ < @ $+ >		$: < $(access To:$1@$2 $: ? $) > $1 < @ $2 >
R< ? > $+ < @ $=w >		$: < $(access To:$1@ $: ? $) > $1 < @ $2 >
R< ? > $+ < @ $=w >		$: < $(access $1@ $: ? $) > $1 < @ $2 >
R< ? > $+ < @ $+ >		$: < $(access $1@$2 $: ? $) > $1 < @ $2 >
R< ? > $+ < @ $=w >		$: < $(access To:$1 $: ? $) > $1 < @ $2 >
R< ? > $+ < @ $+ >		$: $1 < @ $2 > $| $>LookUp < To > < $2 >
R$* $| < ? >		$: $1
R$-		$: < $(access To:$1@ $: ? $) > $1
R< ? > $-		$: < $(access $1@ $: ? $) > $1
R< ? > $-		$: $1
R$* $| < $+ >		$: < $2 > $1
R< OK > $*		$: $1
R< RELAY > $*		$: $1
R< REJECT > $*		$# error $@ 5.2.1 $: ifdef(`confRCPTREJ_MSG', `"confRCPTREJ_MSG"', `"550 Mailbox disabled for this recipient"')
R< $+ > $+ < @ $+ >		$@ $>Verdict < $1 >
')')dnl
ifdef(`_F_promiscuous_relay', `R$*		$@ RELAY
')dnl
ifdef(`_F_trust_auth', `dnl
R$*		$: $1 $| $&{auth_type}
R$* $| $={TrustAuthMech}		$# RELAY
R$* $| $*		$: $1
')dnl
# mail to us, or to whom we relay for
R$+ < @ $=w >		$@ RELAY
ifdef(`_F_relay_hosts_only', `R$+ < @ $=R >		$@ RELAY
', `R$+ < @ $* $=R >		$@ RELAY
')dnl
ifdef(`_F_relay_entire_domain', `R$+ < @ $* $=m >		$@ RELAY
')dnl
ifdef(`_F_access_db', `dnl
R$+ < @ $+ >		$: $1 < @ $2 > $| $>LookUp < To > < $2 >
R$* $| < RELAY >		$@ RELAY
R$* $| < $* >		$: $1
')dnl
R$-		$@ RELAY
# or from whom
R$*		$: < $&{client_addr} > $1
R< > $*		$@ RELAY
R< 0 > $*		$@ RELAY
R< 127.0.0.1 > $*		$@ RELAY
R< $=w > $*		$@ RELAY
R< $=R $* > $*		$@ RELAY
ifdef(`_F_access_db', `dnl
R< $+ > $*		$: $2 $| $>LookUpAddr < Connect > < $1 >
R$* $| < RELAY >		$@ RELAY
R$* $| < $* >		$: < $&{client_addr} > $1
')dnl
R< $* > $*		$: < $&{client_resolve} > < $&{client_name} > $2
R< TEMP > $*		$# error $@ 4.4.0 $: "450 Relaying temporarily denied. Cannot resolve PTR record for " $&{client_addr}
R< FORGED > $*		$# error $@ 5.7.1 $: "550 Relaying denied. IP name possibly forged " $&{client_name}
R< FAIL > $*		$# error $@ 5.7.1 $: "550 Relaying denied. IP name lookup failed " $&{client_name}
R< $* > < $=w > $*		$@ RELAY
R< $* > < $* $=R > $*		$@ RELAY
ifdef(`_F_relay_entire_domain', `R< $* > < $* $=m > $*		$@ RELAY
')dnl
ifdef(`_F_access_db', `dnl
R< $* > < $+ > $*		$: $3 $| $>LookUp < Connect > < $2 >
R$* $| < RELAY >		$@ RELAY
')dnl
R$*		$# error $@ 5.7.1 $: ifdef(`_F_trust_auth', `"550 Relaying denied. Proper authentication required."', `"550 Relaying denied"')

SParseRecipient
R$*		$: $>CanonAddr $1
R< @ $* > $*		$@ < @ $1 > $2
R$* < @ $+ . >		$1 < @ $2 >
R$- < @ $* >		$: $(dequote $1 $) < @ $2 >
_out(8)dnl
_out(12)dnl
