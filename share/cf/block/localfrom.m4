# FEATURE(relay_local_from): who says to be of ours may relay
R$*		$: $>CanonAddr $&f
R$+ < @ $=w . >		$@ RELAY
