###  parse: which mailer, which host, which user
Sparse=0
R$*		$: $>Parse0 $1
R< @ >		$# local $: < @ >
R$*		$: $>ParseLocal $1
R$*		$: $>Parse1 $1

###  Parse0: what no mailer could use is refused; our own name in a route or behind % is taken off
SParse0
R< @ >		$@ < @ >
R$* : $* ; < @ >		$# error $@ 5.1.3 $: "553 List:; syntax illegal for recipient addresses"
R$+ < @ >		$# error $@ 5.1.3 $: "553 Hostname required"
R@ < @ $* >		< @ $1 >
R< @ $+ >		$# error $@ 5.1.3 $: "553 User address required"
R$*		$: <> $1
R<> $* < @ [ $* ] : $+ > $*		$1 < @ [ $2 ] : $3 > $4
R<> $* < @ [ $* ] , $+ > $*		$1 < @ [ $2 ] , $3 > $4
R<> $* < @ [ $* ] $+ > $*		$# error $@ 5.1.2 $: "553 Invalid address"
R<> $* < @ [ $+ ] > $*		$1 < @ [ $2 ] > $3
R<> $* < $* : $* > $*		$# error $@ 5.1.3 $: "553 Colon illegal in host name part"
R<> $*		$1
R$* < @ . $* > $*		$# error $@ 5.1.2 $: "553 Invalid host name"
R$* < @ $* .. $* > $*		$# error $@ 5.1.2 $: "553 Invalid host name"
R$* < @ $* @ > $*		$# error $@ 5.1.2 $: "553 Invalid route address"
R$* @ $* < @ $* > $*		$# error $@ 5.1.3 $: "553 Invalid route address"
R$* , $~O $*		$# error $@ 5.1.3 $: "553 Invalid route address"
# our own host first in a route, or last in a chain of %
R$* < @ > $*		$@ $>Parse0 $>canonify $1
R< @ $=w . > : $*		$@ $>Parse0 $>canonify $2
R$- < @ $=w . >		$: $(dequote $1 $) < @ $2 . >
R< @ $+ >		$# error $@ 5.1.3 $: "553 User address required"
R$* $=O $* < @ $=w . >		$@ $>Parse0 $>canonify $1 $2 $3
R$-		$: $(dequote $1 $) < @ *LOCAL* >
R< @ *LOCAL* >		$# error $@ 5.1.3 $: "553 User address required"
R$* $=O $* < @ *LOCAL* >		$@ $>Parse0 $>canonify $1 $2 $3
R$* < @ *LOCAL* >		$: $1
ifdef(`_F_prefixmod', `dnl
R _prefix_ $+		$: $1 $(macro {rcpt_flags} $@ _prefix_flags_ $)
')dnl

###  ParseLocal: the site's own rules (LOCAL_RULE_0)
SParseLocal=98
_out(3)dnl
ifdef(`_F_domainmap', `dnl
# who is looked up in no map: the users of class L on our own hosts
R$=L < @ $=w . >		$: < > $1 < @ $2 > .
_run(`_mapped_domains_')dnl
R< > $+ < @ $+ > .		$: $1 < @ $2 . >
')dnl
ifdef(`_F_ldap_routing', `dnl
R$+ < @ $={LDAPRoute} . >		$: $>LDAPExpand < $1 < @ $2 . > > < $1 @ $2 > < >
ifdef(`_F_ldaproute_equiv', `dnl
R$+ < @ $={LDAPRouteEquiv} . >		$: $>LDAPExpand < $1 < @ $2 . > > < $1 @ $2 > < >
')dnl
')dnl

###  Parse1: from the most special way to the most general
SParse1
ifdef(`_F_redirect', `dnl
R$* < @ $+ .REDIRECT. >		$: $1 < @ $2 . REDIRECT . > < $&{opMode} >
R$* < @ $+ .REDIRECT. > < i >		$: $1 < @ $2 . REDIRECT. >
R$* < @ $+ .REDIRECT. > < $- >		$# error $@ 5.1.1 $: "551 User has moved; please try " <$1@$2>
')dnl
ifdef(`_F_virtusertable', `dnl
R$* < @ $=w . >		$: $>VirtualUser $1 < @ $2 . >
R< $+ > < VIRT >		$@ $>Recurse $1
ifdef(`_F_virthost', `ifdef(`_F_virtuser_entire_domain', `dnl
R$+ < @ $* $={VirtHost} . >		$: $>VirtualUser $1 < @ $2 $3 . >
', `dnl
R$+ < @ $={VirtHost} . >		$: $>VirtualUser $1 < @ $2 . >
')')dnl
')dnl
ifdef(`_have_usenet_', `dnl
R$+ .USENET < @ $=w . >		$# usenet $@ usenet $: $1
R$+ .USENET		$# usenet $@ usenet $: $1
')dnl
ifdef(`_F_stickyhost', `', `dnl
R$=L < @ $=w . >		$# _local_ $: @ $1
')dnl
ifdef(`_F_stickyhost', `ifdef(`MAIL_HUB', `', `dnl
R$+ + $* < @ $=w . >		$# _local_ $: $1 + $2
')')dnl
R$+ < @ $=w . >		ifdef(`_F_stickyhost', `ifdef(`MAIL_HUB', `$: $>MailerToTriple < $H > $1 < @ $2 . >', `$# _local_ $: @ $1')', `$# _local_ $: $1')
ifdef(`_F_mailertable', `dnl
R$* < @ $+ > $*		$: < $2 > $1 < @ $2 > $3
R< $+ . > $*		$: < $1 > $2
R< $+ > $*		$: < $1 > $>Mailertable < $1 > $2
R< $+ > $#  $*		$# $2
R< $+ > $*		$: $2
')dnl
include(_CF_DIR_`'rules/special.m4)dnl
ifdef(`SMART_HOST', `dnl
R$* < @ [ $+ ] > $*		$: < $S > $1 < @ [ $2 ] > $3
R< $- : $* > $* < @ [ $+ ] > $*		$: $3 < @ [ $4 ] > $5
R< $+ > $* < @ [ $+ ] > $*		$# _smtp_ $@ $1 $: $2 < @ [ $3 ] > $4
')dnl
ifdef(`_F_vnet', `dnl
R$* < @ $- .vnet. > $*		$# _relay_ $@ $A $: $1 < @ $2 .VNET. > $3
R$* < @ $+ .ibm.com > $*		$# _relay_ $@ $2 .ibm.com $: $1 < @ $2 .ibm.com > $3
R$* < @ $+ .ibm.com. > $*		$# _relay_ $@ $2 .ibm.com $: $1 < @ $2 .ibm.com > $3
')dnl
_out(1)dnl
ifdef(`SMART_HOST', `dnl
R$* < @ $* > $*		$: $>MailerToTriple < $S > $1 < @ $2 > $3
')dnl
ifdef(`_have_smtp_', `dnl
R$* < @ [ $+ ] > $*		$# _smtp_ $@ [$2] $: $1 < @ [$2] > $3
R$* < @ $* > $*		$# _smtp_ $@ $2 $: $1 < @ $2 > $3
')dnl
_out(5)dnl
R$=L		$# _local_ $: @ $1
R$+		$# _local_ $: $1
ifdef(`_F_bestmx_is_local', `
SBestHost
R[ $* ]		$@ ?
R$*		$@ $(bestmx $1 $: ? $)
# BestLocal: the name left when a host turned out to be ours
SBestLocal
R$* $=O $*		$@ $>Recurse $1 $2 $3
R$*		$: < $(dequote $1 $) > $1
R< $* $=O $* > $*		$@ $>Recurse $1 $2 $3
R< $* > $*		$# _local_ $@ $: $2
')dnl
