###  canonify: from what a header or a command said to  user < @ host . >, the part that routes in focus
Scanonify=3
# nothing: the null sender
R$@		$@ < @ >
R$*		$: $>WithoutPhrase $1
R:; < @ >		$@ :; < @ >
# text inside the innermost angle brackets is the address, the rest is phrase
R$* < $+ :; > $*		$@ $2 :; < @ >
R$* < $* ; > $*		$1 < $2 > $3
R$* < $* < $* > $* > $*		$: $1 < $3 > $5
R$* < $* < $* > $* > $*		$: $1 < $3 > $5
R$* < $* < $* > $* > $*		$: $1 < $3 > $5
R$* < $* > $* < $* > $*		< $4 >
R$* < $+ > $*		$: $2
R$* < > $*		$@ < @ >
R@		$@ < @ >
# source routes: the first host is in focus
R@ $+ , $+		@ $1 : $2
R@ [ $* ] : $+		$2
R@ $+ : $+		$2
# the last @ counts
R$+ : $* ; @ $+		$@ $>Canonify2 $1 : $2 ; < @ $3 >
R$+ @ $+		$: $1 < @ $2 >
R$+ < @ $* @ $+ >		$1 @ $2 < @ $3 >
R$+ < @ $+ >		$@ $>Canonify2 $1 < @ $2 >
ifdef(`_decnet_', `dnl
# DECnet: node::user
R$- :: $+		$@ $>Canonify2 $2 < @ $1 .DECNET >
R$- . $- :: $+		$@ $>Canonify2 $3 < @ $1 . $2 .DECNET >
')dnl
ifdef(`_F_nouucp', `', `dnl
# bang paths: the first host counts
R$- ! $+		$@ $>Canonify2 $2 < @ $1 .UUCP >
R$+ . $- ! $+		$@ $>Canonify2 $3 < @ $1 . $2 >
R$+ ! $+		$@ $>Canonify2 $2 < @ $1 .UUCP >
')dnl
ifdef(`_F_nopercenthack', `', `dnl
# user%host: the last % is an @
R$* % $*		$1 @ $2
R$* @ $* @ $*		$1 % $2 @ $3
')dnl
R$* @ $*		$@ $>Canonify2 $1 < @ $2 >
R$*		$@ $>Canonify2 $1

# WithoutPhrase: outside of brackets, what stands before the first colon is a list's name; nothing behind it is a list without members
SWithoutPhrase
R$+ < @ >		$: $1
R< @ >		$@ :; < @ >
R$* < $* > $*		$@ $1 < $2 > $3
R@ $* ;		$@ @ $1
R@ $*		$@ @ $1
R$* [ IPv6 : $+ ] $*		$@ $1 [ IPv6 : $2 ] $3
R$* :: $*		$@ $1 :: $2
R:include: $*		$@ :include: $1
R$* : $* [ $* ]		$@ $1 : $2 [ $3 ]
R$* : $*		$: $2
R$* ;		$: $1
R$@		$@ :; < @ >

###  Canonify2: the host in focus made canonical; a name that is known or found ends with a dot
SCanonify2=96
R$* < @ localhost > $*		$: $1 < @ $j . > $2
R$* < @ localhost . $m > $*		$: $1 < @ $j . > $2
ifdef(`_F_nouucp', `', `dnl
R$* < @ localhost . UUCP > $*		$: $1 < @ $j . > $2
')dnl
# numeric addresses: one of ours is ours
R$* < @ [ $+ ] > $*		$: $1 < @@ [ $2 ] > $3
R$* < @@ $=w > $*		$: $1 < @ $j . > $3
R$* < @@ $+ > $*		$@ $1 < @ $2 > $3
ifdef(`_F_domaintable', `dnl
R$* < @ $+ > $*		$: $1 < @ $(domaintable $2 $) > $3
')dnl
_out(2)dnl
ifdef(`_F_vnet', `dnl
# VNET: what a gateway made of user@node.rscs is taken back; the nodes of class A are those of one net
R$* % ibmus.rscs < @ $+ > $*		$: $1 < @ us.ibm.com > $3
R$* % ibmca.rscs < @ $+ > $*		$: $1 < @ ca.ibm.com > $3
R$* % ibmuk.rscs < @ $+ > $*		$: $1 < @ uk.ibm.com > $3
R$* % $- .rscs < @ $+ > $*		$: $1 < @ $2 .rscs > $4
R$* < @ $- . $=A > $*		$: $1 < @ $2 .vnet. >
')dnl
ifdef(`_F_bitdomain', `dnl
R$* < @ $+ .BITNET > $*		$: $1 < @ $(bitdomain $2 $: $2 .BITNET $) > $3
')dnl
ifdef(`_F_uucpdomain', `dnl
R$* < @ $+ .UUCP > $*		$: $1 < @ $(uudomain $2 $: $2 .UUCP $) > $3
')dnl
_emit(`_uucpsmtp_')dnl
ifdef(`_F_nouucp', `', `dnl
ifdef(`UUCP_RELAY', `', `ifdef(`_F_nocanonify', `', `dnl
# a UUCP name that is also a host is that host
R$* < @ $+ .UUCP > $*		$: $1 < @ $[ $2 $] .UUCP > $3
R$* < @ $+ . .UUCP > $*		$@ $1 < @ $2 . > $3
')')dnl
ifdef(`_F_nocanonify', `ifdef(`UUCP_RELAY', `dnl
R$* < @ $+ .UUCP > $*		$: $1 < @ $2 .UUCP. > $3
')', `dnl
R$* < @ $+ .UUCP > $*		$: $1 < @ $2 .UUCP. > $3
')dnl
')dnl
# pseudo domains are not looked up
R$* < @ $* $=P > $*		$: $1 < @ $2 $3 . > $4
R$* < @ $* . . > $*		$1 < @ $2 . > $3
R$* < @ $* . > $*		$@ $1 < @ $2 . > $3
R$* < @ $+ > $*		$: $>KnownHost $&{daemon_flags} $| $1 < @ $2 > $3
R$* $| $*		$: $2
# what we are or answer for is canonical
R$* < @ $=w > $*		$: $1 < @ $2 . > $3
R$* < @ _below_(`masquerade_entire_domain')$=M > $*		$: $1 < @ _tail_(`masquerade_entire_domain')
ifdef(`_F_virtusertable', `ifdef(`_F_virthost', `dnl
R$* < @ _below_(`virtuser_entire_domain')$={VirtHost} > $*		$: $1 < @ _tail_(`virtuser_entire_domain')
')')dnl
ifdef(`_F_genericstable', `dnl
R$* < @ _below_(`generics_entire_domain')$=G > $*		$: $1 < @ _tail_(`generics_entire_domain')
')dnl
R$* < @ $* . . > $*		$1 < @ $2 . > $3

# KnownHost: the name service asked, unless FEATURE(nocanonify) or the daemon says otherwise (M=C, M=c)
SKnownHost
ifdef(`_F_nocanonify', `dnl
R$* c $* $| $* < @ $+ > $*		$@ $3 < @ $[ $4 $] > $5
R$* CC $* $| $*		$: $1 $2 $| $3
ifdef(`_F_canonify_domain', `dnl
R$* $| $* < @ $* $={Canonify} > $*		$@ $2 < @ $[ $3 $4 $] > $5
')dnl
ifdef(`_F_canonify_hosts', `dnl
R$* $| $* < @ $- > $*		$@ $2 < @ $[ $3 $] > $4
')dnl
R$* $| $* < @ $+ . $+ > $*		$@ $2 < @ $3 . $4 . > $5
', `dnl
R$* CC $* $| $* < @ $+ . $+ > $*		$@ $3 < @ $4 . $5 . > $6
R$* CC $* $| $*		$@ $3
R$* $| $* < @ $+ > $*		$@ $2 < @ $[ $3 $] > $4
')dnl

###  final: the focus taken away, the external form put back
Sfinal=4
R$+ :; < @ >		$@ $1 :;
R$* < @ >		$@
R$* < @ $+ . > $*		$1 < @ $2 > $3
R$* < @ *LOCAL* > $*		$1 < @ $j > $2
R$* < $+ > $*		$1 $2 $3
# routes are written with commas between their hosts
R@ $+ : @ $+ : $+		@ $1 , @ $2 : $3
R@ $*		$@ @ $1
ifdef(`_F_nouucp', `', `dnl
R$+ @ $- . UUCP		$2 ! $1
')dnl
R$+ % $=w @ $=w		$1 @ $2
ifdef(`_decnet_', `dnl
R$+ @ $+ . DECNET		$2 :: $1
')dnl

###  Recurse: a new address from the start
SRecurse=97
R$*		$: $>canonify $1
R$*		$@ $>parse $1
