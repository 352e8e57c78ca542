###  check_rcpt: to whom; mail that is not for us is relayed only for those who may
SLocal_Relay_Auth
SLocal_check_rcpt
Scheck`'_delayed_(`rcpt')
R$*		$: $1 $| $>Local_check_rcpt $1
R$* $| $# $*		$# $2
R$* $| $*		$: $1 $| $>Basic_check_rcpt $1
R$* $| $# $*		$# $2
R$* $| RELAY		$@ RELAY
R$* $| deferred		$@ deferred

SBasic_check_rcpt
R<>		$# error $@ nouser $: "553 User address required"
R$@		$# error $@ nouser $: "553 User address required"
R$*		$: < $&{deliveryMode} > $1
R< d > $*		$@ deferred
R< $* > $*		$: $2
R$*		$: $1 $| $>RecipientAllowed $1
R$* $| $# $*		$# $2
R$* $| RELAY		$@ RELAY
ifdef(`_F_promiscuous_relay', `dnl
R$* $| $*		$@ @ $2
')dnl
R$* $| $*		$: $2 $| $>ClientAllowed
R$* $| $# $*		$# $2
R$* $| RELAY		$@ RELAY
ifdef(`_F_relay_based_on_MX', `dnl
R$* < @ $+ > $| $*		$: $1 < @ $2 > $| $(mxserved $2 $: : $)
R$* < @ $+ > $| $* <TEMP>		$# error $@ 4.4.0 $: "450 Can not check MX records for recipient host " $2
')dnl
R$*		$# error $@ 5.7.1 $: _relay_denied_

# RecipientAllowed: RELAY if the address is ours or of those we relay to, else the address
SRecipientAllowed
R$*		$: $>ParseRecipient $1
_run(`_recipient_rules_')dnl
ifdef(`_F_blocklist_recipients', `ifdef(`_F_access_db', `dnl
R$*		$: $1 $| $>RecipientBlocked $1
R$* $| < ? >		$: $1
R$* $| < OK >		$: $1
R$* $| < RELAY >		$: $1
R$* $| < REJECT >		$# error $@ 5.2.1 $: ifdef(`confRCPTREJ_MSG', `confRCPTREJ_MSG', `"550 Mailbox disabled for this recipient"')
R$* $| < $+ >		$@ $>AccessVerdict < $2 >
')')dnl
ifdef(`_F_promiscuous_relay', `dnl
R$*		$@ $1
')dnl
R$*		$: $1 $| $>TlsRelay $&{verify}
R$* $| RELAY		$# RELAY
R$* $| $*		$: $1
# the site's own word on whom his authentication lets relay: NO keeps that of TRUST_AUTH_MECH from being asked
R$*		$: $1 $| $>Local_Relay_Auth $&{auth_type}
R$* $| $# $*		$# $2
ifdef(`_F_trust_auth', `dnl
R$* $| NO		$: $1
R$* $| $*		$: $1 $| $&{auth_type}
R$* $| $={TrustAuthMech}		$# RELAY
')dnl
R$* $| $*		$: $1
ifelse(_or(`_F_nouucp'), `reject', `_block(`nohack', `nouucp', `!')')dnl
ifelse(_or(`_F_nopercenthack'), `reject', `_block(`nohack', `nopercenthack', `%')')dnl
R$+ < @ $=w >		$@ RELAY
ifdef(`_F_relay_hosts_only', `dnl
R$+ < @ $=R >		$@ RELAY
ifdef(`_F_access_db', `dnl
R$+ < @ $+ >		$: $1 < @ $2 > $| $>AccessKey < + > < To > < $2 >
')', `dnl
R$+ < @ $* $=R >		$@ RELAY
ifdef(`_F_access_db', `dnl
R$+ < @ $+ >		$: $1 < @ $2 > $| $>AccessHost < + > < To > < $2 >
')')dnl
ifdef(`_F_access_db', `dnl
R$* $| < RELAY >		$@ RELAY
ifdef(`_F_relaytofull', `dnl
R$+ < @ $+ > $| $*		$: $1 < @ $2 > $| $>AccessKey < ! > < To > < $1 @ $2 >
R$* $| < RELAY >		$@ RELAY
')dnl
R$* $| < $* >		$: $1
')dnl
ifdef(`_F_relay_entire_domain', `dnl
R$+ < @ $* $=m >		$@ RELAY
')dnl
ifdef(`_F_relay_based_on_MX', `dnl
R$+ < @ $+ >		$: < : $(mxserved $2 $: : $) : > $1 < @ $2 >
R< $* : $=w . : $* > $*		$@ RELAY
R< $* > $*		$: $2
')dnl
R$* < @ $* > $*		$@ $1 < @ $2 > $3
R$+		$@ RELAY

ifdef(`_F_blocklist_recipients', `ifdef(`_F_access_db', `dnl
# RecipientBlocked: what the access map says of the recipient; names alone count on our own hosts
SRecipientBlocked
R$+ < @ $=w >		$@ $>AccessMailbox < + > < To > $1 < @ $2 >
R$+ < @ $+ >		$: $1 < @ $2 > $| $>AccessUser < + > < To > < $1 > < @ $2 >
R$+ < @ $+ > $| < ? >		$@ $>AccessHost < + > < To > < $2 >
R$* $| < $* >		$@ < $2 >
R$-		$@ $>AccessUser < + > < To > < $1 > < @ >
R$*		$@ < ? >
')')dnl
# ClientAllowed: RELAY if whoever sends this may relay
SClientAllowed
R$*		$: < $&{client_addr} > $1
R< > $*		$@ RELAY
R< 0 > $*		$@ RELAY
R< 127.0.0.1 > $*		$@ RELAY
R< IPv6 : ::1 > $*		$@ RELAY
R< IPv6 : 0:0:0:0:0:0:0:1 > $*		$@ RELAY
R< $=w > $*		$@ RELAY
R< $=R $* > $*		$@ RELAY
ifdef(`_F_drac', `dnl
# FEATURE(drac): who has just read mail from there
R< $+ > $*		$: < $1 > $| $(drac $1 $: ? $)
R< IPv6 : $+ > $| ?		$: < IPv6 : $1 > $| $(drac $1 $: ? $)
R< $+ > $| ?		$: < $1 >
R$* $| $*		$@ RELAY
')dnl
ifdef(`_F_access_db', `dnl
R< $+ > $*		$: < $1 > $| $>AccessAddr < + > < Connect > < $1 >
R$* $| < RELAY >		$@ RELAY
')dnl
_run(`_relay_sender_rules_')dnl
R$*		$: < $&{client_resolve} > < $&{client_name} >
R< TEMP > $*		$# error $@ 4.4.0 $: "450 Relaying temporarily denied. Cannot resolve PTR record for " $&{client_addr}
R< FORGED > $*		$# error $@ 5.7.1 $: "550 Relaying denied. IP name possibly forged " $&{client_name}
R< FAIL > $*		$# error $@ 5.7.1 $: "550 Relaying denied. IP name lookup failed " $&{client_name}
R< $* > < $=w >		$@ RELAY
ifdef(`_F_relay_hosts_only', `dnl
R< $* > < $=R >		$@ RELAY
', `dnl
R< $* > < $* $=R >		$@ RELAY
')dnl
ifdef(`_F_relay_entire_domain', `dnl
R< $* > < $* $=m >		$@ RELAY
')dnl
ifdef(`_F_access_db', `dnl
R< $* > < $+ >		$: $| $>ifdef(`_F_relay_hosts_only', `AccessKey', `AccessHost') < + > < Connect > < $2 >
R$* $| < RELAY >		$@ RELAY
')dnl

# ParseRecipient: the address without its final dot; a host we relay for is taken off user%other@host and the rest looked at
SParseRecipient
R$*		$: $>CanonAddr $1
R< @ $* >		$@ < @ $1 >
R< @ $* > $*		$@ < @ $1 > $2
R$* < @ $+ . >		$1 < @ $2 >
ifdef(`_F_bestmx_is_local', `dnl
R$+ < @ $* ifelse(_bestmx_domains_, `', `', `$={BestMX} ')>		$: < $(bestmx $2 ifelse(_bestmx_domains_, `', `', `$3 ')$: ? $) > $1 < @ $2 ifelse(_bestmx_domains_, `', `', `$3 ')>
R< $=w . > $* $=O $* < @ $* >		$@ $>ParseRecipient $2 $3 $4
R< $=w . > $+ < @ $* >		$: < $1 > $2 < @ $1 >
R< $* > $*		$: $2
')dnl
ifdef(`_F_loose_relay_check', `', `dnl
R$- < @ $* >		$: $(dequote $1 $) < @ $2 >
R$+ $=O $+ < @ $+ >		$: < NO > $1 $2 $3 < @ $4 >
ifdef(`_F_relay_hosts_only', `dnl
R< NO > $* < @ $=R >		$: < RELAY > $1 < @ $2 >
', `dnl
R< NO > $* < @ $* $=R >		$: < RELAY > $1 < @ $2 $3 >
')dnl
ifdef(`_F_relay_entire_domain', `dnl
R< NO > $* < @ $* $=m >		$: < RELAY > $1 < @ $2 $3 >
')dnl
ifdef(`_F_access_db', `dnl
R< NO > $* < @ $+ >		$: $1 < @ $2 > $| $>AccessHost < + > < To > < $2 >
R$* $| < RELAY >		$: < RELAY > $1
R$* $| < $* >		$: < NO > $1
')dnl
R< RELAY > $* < @ $* >		$@ $>ParseRecipient $1
R< NO > $*		$@ $1
')dnl
ifdef(`_F_delay_checks', `
###  FEATURE(delay_checks): check_mail and check_relay are asked when the recipient is known
Scheck_rcpt
R$*		$: $1 $| $>checkrcpt $1
R$* $| $# RELAY		$@ $>Authenticated $1
R$* $| $# $*		$# $2
R$* $| $*		$: $>FullAddress $1
ifelse(_delay_mode_, `', `dnl
R$*		$: < ? > $1
', `_block(`spam')')dnl
R$*		$: $1 $| $>checkmail < $&f >
R$* $| $# $*		$# $2
R$* $| $*		$: $1 $| $>checkrelay $&{client_name} $| $&{client_addr}
R$* $| $# $*		$# $2
R$* $| $*		$: $1
ifdef(`_F_badhelo', `dnl
R$*		$: $1 $| $>BadHelo
R$* $| $# $*		$# $2
R$* $| $*		$: $1
')dnl
R$*		$@ $1
ifdef(`_F_badhelo', `_block(`badhelo')')dnl
# Authenticated: no more is asked but TLS
SAuthenticated
R$*		$: $1 $| $>tls_client $&{verify} $| MAIL
R$* $| $# $*		$# $2
R$*		$# RELAY
SFullAddress
R$*		$: $>CanonAddr $1
R$* < @ $+ . >		$@ $1 < @ $2 >
R$+ < @ $+ >		$@ $1 < @ $2 >
R$+		$@ $1 < @ $j >
ifelse(_delay_mode_, `', `', `dnl
SSpamWord
R$+ < @ $+ >		$: < $1 > < @ $2 > $| $>AccessUser < ! > < Spam > < $1 > < @ $2 >
R< $+ > < @ $+ > $| < ? >		$: < $1 > < @ $2 > $| $>AccessHost < ! > < Spam > < $2 >
R< $+ > < @ $=w > $| < ? >		$: $| $>AccessUser < ! > < Spam > < $1 > < @ >
R$* $| < $* >		$@ < $2 >
R$*		$@ < ? >
# SpamFriend: no more is asked but TLS
SSpamFriend
R$*		$: $1 $| $>tls_client $&{verify} $| MAIL
R$* $| $# $*		$# $2
R$*		$@ ifelse(_delay_mode_, `friend', `SPAMFRIEND', `NOSPAMHATER')
')')dnl
