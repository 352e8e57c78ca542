# FEATURE(badmx): a mail exchanger of the sender's domain has an address no host on the net can have
R$* < @ $+ >		$: $1 < @ $2 > $| $>BadMX $2
R$* < @ $+ > $| <BAD>		$# error $@ 5.1.2 $: "550 Illegal MX record for host " $2
R$* $| $*		$: $1
