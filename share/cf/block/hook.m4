dnl _ARG_ the site's own ruleset: what it resolves to counts; else the rules go on as if it had not been asked
R$*		$: $1 $| $>_ARG_ $1
R$* $| $# $*		$# $2
R$* $| $*		$: $1
