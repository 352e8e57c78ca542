# FEATURE(delay_checks, _delay_mode_): what the access map says of the recipient under Spam:
R$*		$: $1 $| $>SpamWord $1
ifelse(_delay_mode_, `friend', `dnl
R$* $| < FRIEND >		$@ $>SpamFriend $1
', `dnl
R$* $| < HATER >		$: $1
R$* $| $*		$@ $>SpamFriend $1
')dnl
R$* $| $*		$: $1
