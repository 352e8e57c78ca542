###  check_mail: whose mail is taken
SLocal_check_mail
Scheck`'_delayed_(`mail')
R$*		$: $1 $| $>Local_check_mail $1
R$* $| $# $*		$# $2
R$* $| $*		$@ $>Basic_check_mail $1

SBasic_check_mail
R$*		$: < $&{deliveryMode} > $1
R< d > $*		$@ deferred
R< $* > $*		$: $2
# a client whose TLS is not what the site asks of it
R$*		$: $1 $| $>tls_client $&{verify} $| MAIL
R$* $| $# $*		$# $2
R$* $| $*		$: $1
R<>		$@ < OK >
ifdef(`_F_accept_unqualified_senders', `', `dnl
# a name for this very host, and with M=f one without a dot, is taken from hosts of ours alone; M=u takes each
R< $+ >		$: $1
R$+		$: $1 $| $&{daemon_flags}
R$* @ $- $| $* f $*		$: < ? $&{client_name} > $1 @ $2
R$* $| $* u $*		$: < ? > $1
R$* @ localhost $| $*		$: < ? $&{client_name} > $1 @ localhost
R$* @ [ 127.0.0.1 ] $| $*		$: < ? $&{client_name} > $1 @ [ 127.0.0.1 ]
R$* @ [ IPv6:0:0:0:0:0:0:0:1 ] $| $*		$: < ? $&{client_name} > $1 @ [ IPv6:0:0:0:0:0:0:0:1 ]
R$* @ [ IPv6:::1 ] $| $*		$: < ? $&{client_name} > $1 @ [ IPv6:::1 ]
R$* @ localhost.$m $| $*		$: < ? $&{client_name} > $1 @ localhost.$m
ifdef(`_F_nouucp', `', `dnl
R$* @ localhost.UUCP $| $*		$: < ? $&{client_name} > $1 @ localhost.UUCP
')dnl
R$* $| $*		$: $1
R< ? $=w > $*		$: $2
R< ? $+ > $*		$# error $@ 5.5.4 $: "553 Real domain name required for sender address"
R< ? > $*		$: $1
')dnl
R$+		$: $>CanonAddr < $1 >
R< $+ >		$: $1
R$* < @ $+ . >		$1 < @ $2 >
ifdef(`_F_access_db', `dnl
R$+ < @ $+ >		$: $1 < @ $2 > $| $>AccessMailbox < + > < From > $1 < @ $2 >
R$* $| < ? >		$: $1
R$* $| < $+ >		$: < $2 > $1
R< OK > $*		$# OK
R< RELAY > $*		$# RELAY
R< $+ > $* < @ $+ >		$@ $>AccessVerdict < $1 >
')dnl
ifdef(`_F_accept_unqualified_senders', `dnl
R$+		$: < > $1
R< > $+ < @ $+ >		$: $1 < @ $2 >
R< > $*		$@ @ $1
', `dnl
R$+ < @ $+ >		$: < OK > $1 < @ $2 >
R$+		$: < $&{client_addr} > $| $&{daemon_flags} $| $1
R$* $| $* $| < OK > $*		$: $3
R$* $| $* u $* $| $*		$@ @ $4
R< > $| $* $| $*		$@ @ $2
R$* $| $+		$# error $@ 5.5.4 $: "553 Domain name required for sender address " $&f
')dnl
ifdef(`_F_accept_unresolvable_domains', `', `dnl
R$* < @ $=w >		$@ @ $1 < @ $2 >
R$* < @ $* $=P >		$@ @ $1 < @ $2 $3 >
R$* < @ $+ >		$: < $(resolve $2 $: $2 <PERM> $) > $1 < @ $2 >
R< $* < $={ResOk} > > $*		$: $3
R< $* <PERM> > $*		$# error $@ 5.1.8 $: "553 Domain of sender address " $&f " does not exist"
R< $* <TEMP> > $*		$# error $@ 4.1.8 $: "451 Domain of sender address " $&f " does not resolve"
')dnl
ifdef(`_F_ldap_routing', `ifelse(_ldap_bounce_, `sendertoo', `dnl
R$+ < @ $={LDAPRoute} >		$: $1 < @ $2 > $| $>LDAPExpand < $1 < @ $2 . > > < $1 @ $2 > < >
R$* $| $# error $*		$# error $2
R$* $| $*		$: $1
')')dnl
_run(`_sender_rules_')dnl
R$+ < @ $+ >		$@ @ $1 < @ $2 >

SCanonAddr
R$*		$: $>Parse0 $>canonify $1
ifdef(`_F_badmx', `dnl
# BadMX: host to <BAD> if one of its exchangers has an address no host on the net can have; a list of names, each to its addresses
SBadMX
R$+		$: $>BadExchangers $(badmxs $1 $: $1 $)
SBadExchangers
R$* <TMP> $*		$@ OK
R: $*		$1
R$+ : $*		$: $2 $| $>BadAddresses $(badmxa $1 $: $1 $)
R$* $| <BAD>		$@ <BAD>
R$+ $| $*		$@ $>BadExchangers $1
R$* $| $*		$@ OK
R$+		$@ $>BadAddresses $(badmxa $1 $: $1 $)
R$*		$@ OK
SBadAddresses
R$* <TMP> $*		$@ OK
R: $*		$1
R$+ : $*		$: $2 $| $(badmxre $1 $)
R$* $| <BAD>		$@ <BAD>
R$+ $| $*		$@ $>BadAddresses $1
R$* $| $*		$@ OK
R$+		$: $(badmxre $1 $)
R<BAD>		$@ <BAD>
R$*		$@ OK
')dnl
