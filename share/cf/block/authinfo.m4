Sauthinfo
ifdef(`_F_authinfo', `dnl
R$*		$: < $(authinfo AuthInfo:$&{server_name} $: ? $) >
R< ? >		$: < $(authinfo AuthInfo:$&{server_addr} $: ? $) >
R< ? >		$: < $(authinfo AuthInfo: $: ? $) >
', `dnl
R$*		$: $>AccessClient < ! > < AuthInfo > < $&{server_name} > < $&{server_addr} >
')dnl
R< ? >		$@ no
R< $* <TMPF> >		$# temp
R< $* >		$# $1
