R$*		$: $>_ARG_ dummy
