###  check_relay: who may connect.  The site's word first, then the access map, the name service, the lists of the DNS, the limits
SLocal_check_relay
Scheck`'_delayed_(`relay')
ifdef(`_F_use_client_ptr', `dnl
R$* $| $*		$: $&{client_ptr} $| $2
')dnl
R$*		$: $1 $| $>Local_check_relay $1
R$* $| $* $| $# $*		$# $3
R$* $| $* $| $*		$@ $>Basic_check_relay $1 $| $2

SBasic_check_relay
R$*		$: < $&{deliveryMode} > $1
R< d > $*		$@ deferred
R< $* > $*		$: $2
ifdef(`_F_access_db', `dnl
R$* $| $*		$: $2 $| $>AccessHost < + > < Connect > < $1 >
R$* $| < ? >		$: $1 $| $>AccessAddr < + > < Connect > < $1 >
R$* $| < ? >		$: OK
R$* $| < $+ >		$@ $>AccessVerdict < $2 >
')dnl
_run(`_connect_rules_')dnl
ifdef(`_F_delay_checks', `ifdef(`_limit_nodelay_', `
# the limits do not wait for the recipient
Scheck_relay
_limits_now_`'dnl
')')dnl
