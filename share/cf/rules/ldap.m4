###  FEATURE(ldap_routing): < address > < name looked up > < detail taken off > to a delivery, or the address as it was
SLDAPExpand
R< $* > < $* > < $* >		$: < $(ldapmra $2 $: ? $) > < $(ldapmh $2 $: ? $) > < $1 > < $2 > < $3 >
R$* <TMPF> $*		$# error $@ 4.3.0 $: "451 Temporary system failure. Please try again later."
ifelse(_ldap_detail_, `', `', `dnl
R< ? > < ? > < $* > < $+ + $* @ $+ > < >		$@ $>LDAPExpand < $1 > < $2 @ $4 > < + $3 >
')dnl
ifelse(_ldap_nodomain_, `', `dnl
R< ? > < ? > < $* > < $+ @ $+ > < $* >		$@ $>LDAPExpand < $1 > < @ $3 > < $4 >
')dnl
ifdef(`_F_ldaproute_equiv', `dnl
# a domain that is only another name of ours: once more by that name
R< ? > < ? > < $+ < @ $+ > > < $* @ $={LDAPRouteEquiv} > < $* >		$@ $>LDAPExpand < $1 < @ $2 > > < $1 @ $M > < >
')dnl
ifelse(_ldap_bounce_, `', `', _ldap_bounce_, `passthru', `', `dnl
R< ? > < ? > < $* > < $* > < $* >		$# error $@ nouser $: "550 User unknown"
')dnl
R< ? > < ? > < $+ < @ $+ > > < $* > < $* >		$@ $1 < @ $2 >
R< ? > < ? > < $* > < $* > < $* >		$@ $1
ifelse(_ldap_detail_, `preserve', `dnl
R< $+ @ $+ > < $* > < $* > < $* > < + $* >		$: < $1 + $6 @ $2 > < $3 > < $4 > < $5 > < >
')dnl
# a host of ours, or none: the address goes its own way
R< ? > < $=w > < $+ < @ $+ > > < $* > < $* >		$@ $2 < @ $3 >
R< $+ > < $=w > < $* > < $* > < $* >		$@ $>LDAPAddress $1
R< $+ > < ? > < $* > < $* > < $* >		$@ $>LDAPAddress $1
# another host takes it, by its own way if the mailertable has one
R< ? > < $+ > < $+ < @ $+ > > < $* > < $* >		$@ $>LDAPHost < $1 > $2 < @ $3 >
R< $+ > < $+ > < $* > < $* > < $* >		$: < $2 > $>canonify $1
R< $+ > $*		$@ $>LDAPHost < $1 > $2
SLDAPHost
ifdef(`_F_mailertable', `dnl
R< $+ > $*		$: < $1 > $>Mailertable < $1 > $2
')dnl
R< $* > $# $*		$# $2
R< $* > $*		$# _relay_ $@ $1 $: $2
# the new address; one of ours is not looked up a second time
SLDAPAddress
R$*		$: $>Parse0 $>canonify $1
R$* < @ $=w . >		$@ $>Parse1 $1 < @ $2 . >
R$*		$@ $>parse $1
