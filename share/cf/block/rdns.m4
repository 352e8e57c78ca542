# the client has a name, and that name its address; not asked of those we relay for
R$*		$: < $&{client_addr} > < $&{client_resolve} >
R< $=R $* > < $* >		$@ RELAY
R< $* > < FAIL >		$# error $@ 5.7.1 $: 550 Fix reverse DNS for $1
R< $* > < TEMP >		$# error $@ 4.1.8 $: 451 Client IP address $1 does not resolve
R< $* > < FORGED >		$# error $@ 4.1.8 $: 451 Possibly forged hostname for $1
R$*		$: OK
