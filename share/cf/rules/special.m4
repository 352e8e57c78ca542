_emit(`_uucp_sites_')dnl
ifdef(`_have_uucp_', `dnl
# UUCP neighbours: class Z takes domains in headers, Y several recipients at once, U neither
ifdef(`_have_smtp_', `dnl
R$* < @ $=Z .UUCP. > $*		$# uucp-uudom $@ $2 $: $1 < @ $2 .UUCP. > $3
')dnl
R$* < @ $=Y .UUCP. > $*		$# uucp-new $@ $2 $: $1 < @ $2 .UUCP. > $3
R$* < @ $=U .UUCP. > $*		$# uucp-old $@ $2 $: $1 < @ $2 .UUCP. > $3
')dnl
ifdef(`UUCP_RELAY', `dnl
R$* < @ $+ .UUCP. > $*		$: $>MailerToTriple < $Y > $1 < @ $2 .UUCP. > $3
', `ifdef(`_have_uucp_', `dnl
R$* < @ $+ .UUCP. > $*		$# _or(`confUUCP_MAILER', `uucp-old') $@ $2 $: $1 < @ $2 .UUCP. > $3
')')dnl
_out(4)dnl
ifdef(`_have_mail11_', `dnl
R$* < @ $+ .DECNET. > $*		$# mail11 $@ $2 $: $1
')dnl
ifdef(`_have_fax_', `dnl
R$* < @ $+ .FAX. > $*		$# fax $@ $2 $: $1
')dnl
ifdef(`_have_pop_', `dnl
R$+ < @ POP. >		$# pop $: $1
')dnl
ifdef(`BITNET_RELAY', `dnl
R$* < @ $+ .BITNET. > $*		$: $>MailerToTriple < $B > $1 < @ $2 .BITNET. > $3
')dnl
ifdef(`DECNET_RELAY', `dnl
R$* < @ $+ .DECNET. > $*		$: $>MailerToTriple < $C > $1 < @ $2 .DECNET. > $3
')dnl
ifdef(`FAX_RELAY', `dnl
R$* < @ $+ .FAX. > $*		$: $>MailerToTriple < $F > $1 < @ $2 .FAX. > $3
')dnl
ifdef(`_F_bestmx_is_local', `dnl
# FEATURE(bestmx_is_local): a host whose best mail exchanger we are
ifelse(_bestmx_domains_, `', `dnl
R$* < @ $+ > $*		$: $1 < @ $2 > $3 $| $>BestHost $2
', `dnl
R$* < @ $* $={BestMX} . > $*		$: $1 < @ $2 $3 . > $4 $| $>BestHost $2 $3 .
')dnl
R$+ < @ $* > $* $| $=w .		$@ $>BestLocal $1 $3
R$* $| $*		$: $1
')dnl
