###  local and prog
SEnvFromL
R< @ >		$n
R@ < @ $* >		$n
R$+		$: $>AddDomain $1
R$*		$: $>ifdef(`_F_local_no_masquerade', `LocalName', `MasqEnv') $1
SEnvToL
R$+ < @ $* >		$: $1
# the sender has no detail here
R$+ + $*		$: $1 + $2 $| $&{addr_type}
R$+ + $* $| e s		$: $1
R$* $| $*		$: $1
SHdrFromL
R< @ >		$n
R@ < @ $* >		$n
R$+		$: $>AddDomain $1
_local_masq_()dnl
SHdrToL
R$+		$: $>AddDomain $1
ifdef(`_F_allmasquerade', `_local_masq_()', `dnl
R$* < @ *LOCAL* > $*		$: $1 < @ $j . > $2
')dnl
ifdef(`_F_local_no_masquerade', `dnl
SLocalName
R$* < @ *LOCAL* > $*		$: $1 < @ $j . > $2
')dnl
SAddDomain
ifdef(`_F_always_add_domain', `dnl
R$* < @ $* > $*		$@ $1 < @ $2 > $3
R$+		$@ $1 < @ _always_domain_ >
', `dnl
R$*		$@ $1
')dnl
Mlocal,	P=_or(`LOCAL_MAILER_PATH', `/bin/mail'), F=_flags(`LOCAL', `_or(`LOCAL_MAILER_FLAGS', `Prmn9')')`'ifdef(`_F_nullclient', `lsDFM5q', `ifdef(`_F_msp', `lDFMw5', `lsDFMAw5:/|@q')'), S=ifdef(`_F_local_lmtp', `ifdef(`_have_smtp_', `EnvFromSMTP', `EnvFromL')', `EnvFromL')/HdrFromL, R=EnvToL/HdrToL,
	_opt(`E', `LOCAL_MAILER_EOL')_opt(`M', `LOCAL_MAILER_MAX')_opt(`C', `LOCAL_MAILER_CHARSET')_opt(`m', `LOCAL_MAILER_MAXMSGS')_opt(`Q', `LOCAL_MAILER_QGRP')T=DNS/RFC822/_or(`LOCAL_MAILER_DSN_DIAGNOSTIC_CODE', `X-Unix'),
	A=_or(`LOCAL_MAILER_ARGS', ifelse(_or(`LOCAL_MAILER_PATH', `'), `[mbox]', `mbox', _or(`LOCAL_MAILER_PATH', `'), `[maildir]', `maildir', `mail -d $u'))
ifdef(`_F_msp', `Mprog,	P=[IPC], F=lDFMmukX5, S=EnvFromL/HdrFromL, R=EnvToL/HdrToL, E=\r\n, T=X-Unix/X-Unix/X-Unix, A=TCP $h
', `dnl
Mprog,	P=_or(`LOCAL_SHELL_PATH', `/bin/sh'), F=_flags(`LOCAL_SHELL', `_or(`LOCAL_SHELL_FLAGS', `eu9')')lsDFMoq, S=EnvFromL/HdrFromL, R=EnvToL/HdrToL, D=_or(`LOCAL_SHELL_DIR', `$z:/'),
	_opt(`M', `LOCAL_MAILER_MAX')_opt(`Q', `LOCAL_PROG_QGRP')T=X-Unix/X-Unix/X-Unix,
	A=_or(`LOCAL_SHELL_ARGS', `sh -c $u')
')dnl
ifdef(`_have_smtp_', `
###  smtp, esmtp, smtp8, dsmtp, relay
SEnvFromSMTP
R$+		$: $>PseudoToReal $1
R$* < @ >		$@
R$+		$: $>MasqSMTP $1
R$+		$: $>MasqEnv $1
SEnvToSMTP
R$+		$: $>PseudoToReal $1
R$+		$: $>MasqSMTP $1
R$* < @ *LOCAL* > $*		$: $1 < @ $j . > $2
SHdrFromSMTP
R$+		$: $>PseudoToReal $1
R< @ $+ > $*		$@ < @ $1 > $2
R:; < @ >		$@
R$*		$: $>MasqSMTP $1
R$+		$: $>MasqHdr $1
SHdrToSMTP
R$+		$: $>PseudoToReal $1
R< @ $+ > $*		$@ < @ $1 > $2
R:; < @ >		$@
R$*		$: $>MasqSMTP $1
ifdef(`_F_allmasquerade', `dnl
R$+		$: $>MasqHdr $1
', `dnl
R$* < @ *LOCAL* > $*		$: $1 < @ $j . > $2
')dnl
SMasqRelay
R$+		$: $>MasqSMTP $1
R$+		$: $>MasqHdr $1
# names without a host are ours
SMasqSMTP
R$* < @ $* > $*		$@ $1 < @ $2 > $3
R$+		$@ $1 < @ *LOCAL* >
# a UUCP name, as the outside can read it
SPseudoToReal
R< @ $* > $*		$@ < @ $1 > $2
ifdef(`BITNET_RELAY', `dnl
R$* < @ $+ .BITNET. > $*		$: $1 % $2 .BITNET < @ _host_of_(BITNET_RELAY) > $3
')dnl
ifdef(`_F_nouucp', `', `dnl
# on its way to that very host
R$* < @ $&h .UUCP. > $*		$: < > $1 $2
R< > $+ . $- ! $+		$@ $3 < @ $1 . $2 >
R< > $*		$@ $1 < @ $&h .UUCP. >
R$* < @ $+ .UUCP. > $*		$@ $2 ! $1 $3 < @ ifdef(`UUCP_RELAY', `_host_of_(UUCP_RELAY)', `*LOCAL*') >
')dnl
_smtp_mailer(`smtp', `SMTP', `mDFMuX')
_smtp_mailer(`esmtp', `ESMTP', `mDFMuXa')
_smtp_mailer(`smtp8', `SMTP8', `mDFMuX8')
_smtp_mailer(`dsmtp', `DSMTP', `mDFMuXa%')
Mrelay,	P=[IPC], F=_flags(`RELAY', `mDFMuXa8')`'_or(`RELAY_MAILER_FLAGS', `_or(`SMTP_MAILER_FLAGS')'), S=EnvFromSMTP/HdrFromSMTP, R=MasqSMTP`'ifdef(`_F_allmasquerade', `/MasqRelay'), E=\r\n, L=_or(`RELAY_MAILER_LL', `2040'),
	_opt(`C', `RELAY_MAILER_CHARSET')_opt(`m', `RELAY_MAILER_MAXMSGS')_opt(`r', `SMTP_MAILER_MAXRCPTS')_opt(`Q', `RELAY_MAILER_QGRP')T=DNS/RFC822/SMTP,
	A=_or(`RELAY_MAILER_ARGS', `TCP $h')
')dnl
ifdef(`_have_uucp_', `
###  uucp: a path before every name, our UUCP name in front of senders
SFromU
R:; < @ >		$@
R< @ >		$: $n
R$* < @ $=w . >		$: $1
R$* < @ $* . >		$1 < @ $2 >
R$* < @ $- . UUCP >		$1 < @ $2 >
R$* < @ $+ >		$: $2 ! $1
R$*		$: _uucp_name_ ! $1
SEnvToU
R:; < @ >		$@
R< @ >		$@
R$* < @ $=w . >		$: $1
R$* < @ $* . >		$1 < @ $2 >
R$* < @ $- . UUCP >		$1 < @ $2 >
R$* < @ $+ >		$: $2 ! $1
SHdrToU
R:; < @ >		$@
R< @ >		$@
R$* < @ $=w . >		$: $1
R$* < @ $* . >		$1 < @ $2 >
R$* < @ $- . UUCP >		$1 < @ $2 >
R$* < @ $+ >		$: $2 ! $1
R$*		$: _uucp_name_ ! $1
_uucp_mailer(`uucp-old', `DFMhuUd', `FromU', `EnvToU/HdrToU')
_uucp_mailer(`uucp', `DFMhuUd', `FromU', `EnvToU/HdrToU')
_uucp_mailer(`uucp-new', `mDFMhuUd', `FromU', `EnvToU/HdrToU')
_uucp_mailer(`suucp', `mDFMhuUd', `FromU', `EnvToU/HdrToU')
ifdef(`_have_smtp_', `dnl
# uux wants a sender, if only the daemon
SEnvFromUD
R< @ >		$: $n < @ $j . >
R$+		$: $>EnvFromSMTP $1
SEnvFromUUD
R$+		$: $>EnvFromUD $1
R$* < @ $* . >		$1 < @ $2 >
R$* < @ $- . UUCP >		$1 < @ $2 >
R$* < @ $+ >		$: $2 ! $1
_uucp_mailer(`uucp-dom', `mDFMhud', `EnvFromUD/HdrFromSMTP', `EnvToSMTP/HdrToSMTP')
_uucp_mailer(`uucp-uudom', `mDFMhud', `EnvFromUUD/HdrFromSMTP', `EnvToSMTP/HdrToSMTP')
')dnl
')dnl
include(_CF_DIR_`'rules/programs.m4)
