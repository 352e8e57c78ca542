###  limits and choices a site may ask for: FEATURE(ratecontrol), (conncontrol), (greet_pause), (queuegroup), (compat_check), (check_other)
ifdef(`_F_ratecontrol', `dnl
# RateControl, ConnControl: more than the access map allows this client (0: any number)
SRateControl
R$*		$: $>AccessLimit < ClientRate >
R< 0 >		$@ OK
R< $+ >		$: < $1 > $| $(arith l $@ $1 $@ $&{client_rate} $)
R< $+ > $| TRUE		$# error $@ ifdef(`_rate_terminate_', `4.3.2 $: 421', `4.3.2 $: 452') Connection rate limit exceeded.
')dnl
ifdef(`_F_conncontrol', `dnl
SConnControl
R$*		$: $>AccessLimit < ClientConn >
R< 0 >		$@ OK
R< $+ >		$: < $1 > $| $(arith l $@ $1 $@ $&{client_connections} $)
R< $+ > $| TRUE		$# error $@ ifdef(`_conn_terminate_', `4.3.2 $: 421', `4.3.2 $: 452') Too many open connections.
')dnl
ifdef(`_F_limits', `dnl
SAccessLimit
R< $- >		$: < $1 > $| $>AccessAddr < ! > < $1 > < $&{client_addr} >
R< $- > $| < ? >		$: < $1 > $| $>AccessKey < ! > < $1 > < >
R$* $| < ? >		$@ < 0 >
R$* $| < $* >		$@ < $2 >
')dnl
ifdef(`_F_greet_pause', `dnl
# greet_pause: how many milliseconds the greeting waits; who speaks earlier is turned away
SLocal_greet_pause
Sgreet_pause
R$+ $| $+		$: < $1 > < $2 > $| $>Local_greet_pause $1 $| $2
R< $* > < $* > $| $# $*		$# $3
ifdef(`_F_access_db', `dnl
R< $* > < $* > $| $*		$: < $2 > $| $>AccessHost < ! > < GreetPause > < $1 >
R< $* > $| < ? >		$: $| $>AccessAddr < ! > < GreetPause > < $1 >
R$* $| < ? >		$: $| $>AccessKey < ! > < GreetPause > < >
R$* $| < ? >		$: $1
R$* $| < $- >		$# $2
')dnl
ifelse(_greet_pause_, `', `', `R$*		$# _greet_pause_
')dnl
')dnl
ifdef(`_F_queuegroup', `dnl
# queuegroup: where mail for this recipient waits
Squeuegroup
ifdef(`_F_access_db', `dnl
R< $+ >		$1
R$+ @ $+		$: $1 @ $2 $| $>AccessKey < ! > < QGRP > < $1 @ $2 >
R$+ @ $+ $| < ? >		$: $1 @ $2 $| $>AccessHost < ! > < QGRP > < $2 >
R$* $| < ? >		$: $1
R$* $| < $+ >		$# $2
')dnl
ifelse(_queue_default_, `', `', `R$+ @ $+		$# _queue_default_
')dnl
')dnl
ifdef(`_F_compat_check', `dnl
# check_compat: sender $| recipient, a pair the access map knows
Scheck_compat
R< $+ > $| $+		$: $1 $| $2
R$+ $| < $+ >		$: $1 $| $2
R$+ $| $+		$: < $(access Compat:$1 <@> $2 $: OK $) >
R< DISCARD >		$# discard $: " - discarded by check_compat"
R< TEMP : $* >		$# error $@ TEMPFAIL $: $1
R< ERROR : $* >		$# error $@ UNAVAILABLE $: $1
')dnl
ifdef(`_F_check_other', `dnl
# check_other: a line that no command begins; a header there comes from a proxy
Scheck_other
R$*		$: $1 $| $(checkother $1 $)
R$* $| MATCH		$# error $@ 4.7.0 $: 421 bad command
R$* $| $*		$@ $1
')dnl
