# FEATURE(relay_mail_from): the access map lets this sender relay
R$*		$: $>CanonAddr $&f
R$* < @ $+ . >		$1 < @ $2 >
R$+ < @ $+ >		$: $1 < @ $2 > $| $>AccessKey < ! > < From > < $1 @ $2 >
ifelse(_ARG_, `domain', `dnl
R$+ < @ $+ > $| < ? >		$: $| $>AccessHost < ! > < From > < $2 >
')dnl
R$* $| < RELAY >		$@ RELAY
R$* $| $*		$: $1
