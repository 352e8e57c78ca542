ifdef(`_have_procmail_', `
###  programs that take mail for a domain or a name
Mprocmail,	P=_or(`PROCMAIL_MAILER_PATH', `/usr/local/bin/procmail'), F=_flags(`PROCMAIL', `DFM`'_or(`PROCMAIL_MAILER_FLAGS', `SPhnu9')'), S=ifdef(`_have_smtp_', `EnvFromSMTP/HdrFromSMTP, R=EnvToSMTP/HdrFromSMTP', `EnvFromL/HdrFromL, R=EnvToL/HdrToL'),
	_opt(`M', `PROCMAIL_MAILER_MAX')_opt(`Q', `PROCMAIL_MAILER_QGRP')T=DNS/RFC822/X-Unix,
	A=_or(`PROCMAIL_MAILER_ARGS', `procmail -Y -m $h $f $u')
')dnl
ifdef(`_have_usenet_', `
Musenet,	P=_or(`USENET_MAILER_PATH', `/usr/lib/news/inews'), F=_flags(`USENET', `_or(`USENET_MAILER_FLAGS', `rsDFMmn')'), S=EnvFromL, R=EnvToL,
	_opt(`M', `USENET_MAILER_MAX')_opt(`Q', `USENET_MAILER_QGRP')T=X-Usenet/X-Usenet/X-Unix,
	A=inews _or(`USENET_MAILER_ARGS', `-m -h -n') $u
')dnl
ifdef(`_have_fax_', `
Mfax,	P=_or(`FAX_MAILER_PATH', `/usr/local/lib/fax/mailfax'), F=DFMhu, M=_or(`FAX_MAILER_MAX', `100000'),
	_opt(`Q', `FAX_MAILER_QGRP')T=X-Phone/X-FAX/X-Unix,
	A=_or(`FAX_MAILER_ARGS', `mailfax $u $h $f')
')dnl
ifdef(`_have_pop_', `
Mpop,	P=_or(`POP_MAILER_PATH', `/usr/lib/mh/spop'), F=_flags(`POP', `lsDFMq`'_or(`POP_MAILER_FLAGS', `Penu')'), S=EnvFromL, R=EnvToL/HdrToL,
	_opt(`Q', `POP_MAILER_QGRP')T=DNS/RFC822/X-Unix,
	A=_or(`POP_MAILER_ARGS', `pop $u')
')dnl
ifdef(`_have_phquery_', `
Mph,	P=_or(`PH_MAILER_PATH', `/usr/local/etc/phquery'), F=_flags(`PH', `nrDFM`'_or(`PH_MAILER_FLAGS', `ehmu')'), S=EnvFromL, R=EnvToL/HdrToL,
	_opt(`Q', `PH_MAILER_QGRP')T=DNS/RFC822/X-Unix,
	A=_or(`PH_MAILER_ARGS', `phquery -- $u')
')dnl
ifdef(`_have_qpage_', `
Mqpage,	P=_or(`QPAGE_MAILER_PATH', `/usr/local/bin/qpage'), F=_flags(`QPAGE', `_or(`QPAGE_MAILER_FLAGS', `mDFMs')'), M=_or(`QPAGE_MAILER_MAX', `4096'),
	_opt(`Q', `QPAGE_MAILER_QGRP')T=DNS/RFC822/X-Unix,
	A=_or(`QPAGE_MAILER_ARGS', `qpage -l0 -m -P$u')
')dnl
ifdef(`_have_mail11_', `
SMail11From
R$+ < @ $* . >		$1 < @ $2 >
R$+ < @ $+ .DECNET >		$@ $2 :: $1
R$+ < @ *LOCAL* >		$@ $1
SMail11To
R$+ < @ $* . >		$1 < @ $2 >
R$+ < @ $+ .DECNET >		$@ $2 :: $1
R$+ < @ *LOCAL* >		$@ $1
Mmail11,	P=_or(`MAIL11_MAILER_PATH', `/usr/etc/mail11'), F=_flags(`MAIL11', `_or(`MAIL11_MAILER_FLAGS', `nsFx')'), S=Mail11From, R=Mail11To,
	_opt(`Q', `MAIL11_MAILER_QGRP')T=DNS/X-DECnet/X-Unix,
	A=_or(`MAIL11_MAILER_ARGS', `mail11 $g $x $h $u')
')dnl
ifdef(`_have_cyrus_', `
Mcyrus,	P=_or(`CYRUS_MAILER_PATH', `/usr/cyrus/bin/deliver'), F=_flags(`CYRUS', `lsDFMnPq`'_or(`CYRUS_MAILER_FLAGS', `Ah5@/:|')'), S=EnvFromL, R=EnvToL/HdrToL, U=_or(`CYRUS_MAILER_USER', `cyrus:mail'),
	_opt(`M', `CYRUS_MAILER_MAX')_opt(`Q', `CYRUS_MAILER_QGRP')T=DNS/RFC822/X-Unix,
	A=_or(`CYRUS_MAILER_ARGS', `deliver -e -m $h -- $u')
Mcyrusbb,	P=_or(`CYRUS_MAILER_PATH', `/usr/cyrus/bin/deliver'), F=_flags(`CYRUS_BB', `lsDFMnP`'_or(`CYRUS_BB_MAILER_FLAGS', `u')'), S=EnvFromL, R=EnvToL/HdrToL, U=_or(`CYRUS_MAILER_USER', `cyrus:mail'),
	_opt(`M', `CYRUS_MAILER_MAX')_opt(`Q', `CYRUS_MAILER_QGRP')T=DNS/RFC822/X-Unix,
	A=_or(`CYRUS_BB_MAILER_ARGS', `deliver -e -m $u')
')dnl
ifdef(`_have_cyrusv2_', `
Mcyrusv2,	P=[IPC], F=_flags(`CYRUSV2', `lsDFMnqXz`'_or(`CYRUSV2_MAILER_FLAGS', `A@/:|m')'), S=ifdef(`_have_smtp_', `EnvFromSMTP', `EnvFromL')/HdrFromL, R=EnvToL/HdrToL, E=\r\n,
	_opt(`m', `CYRUSV2_MAILER_MAXMSGS')_opt(`r', `CYRUSV2_MAILER_MAXRCPTS')_opt(`C', `CYRUSV2_MAILER_CHARSET')_opt(`Q', `CYRUSV2_MAILER_QGRP')T=DNS/RFC822/SMTP,
	A=_or(`CYRUSV2_MAILER_ARGS', `FILE /var/imap/socket/lmtp')
')dnl
ifdef(`_have_ssh_', `
Mssh,	P=_or(`SSH_MAILER_PATH', _or(`SSH_PATH', `/usr/bin/ssh')), F=_flags(`SSH', `mDFMuX`'_or(`SSH_MAILER_FLAGS')'), S=EnvFromSMTP/HdrFromSMTP, R=ifdef(`_F_allmasquerade', `EnvToSMTP/HdrFromSMTP', `EnvToSMTP'), E=\r\n, L=990,
	_opt(`M', `SSH_MAILER_MAX')_opt(`m', `SSH_MAILER_MAXMSGS')_opt(`r', `SSH_MAILER_MAXRCPTS')_opt(`C', `SSH_MAILER_CHARSET')_opt(`Q', `SSH_MAILER_QGRP')T=DNS/RFC822/SMTP,
	U=SSH_MAILER_USER, D=SSH_MAILER_DIR,
	A=_or(`SSH_MAILER_ARGS', `ssh -o BatchMode=yes -o EscapeChar=none -- _or(`SSH_MAILER_HOST', `$h') _or(`SSH_REMOTE_COMMAND', `/usr/sbin/sendmail -bs')')
')dnl
ifdef(`_have_xagent_', `
Mxagent,	P=_or(`XAGENT_MAILER_PATH', `/usr/lib/xagent'), F=_or(`XAGENT_MAILER_FLAGS', `DFMueXLn'), S=ifdef(`_have_smtp_', `EnvFromSMTP/HdrFromSMTP, R=EnvToSMTP/HdrFromSMTP', `EnvFromL/HdrFromL, R=EnvToL/HdrToL'),
	_opt(`M', `XAGENT_MAILER_MAX')T=DNS/RFC822/X-Unix, E=\n,
	A=_or(`XAGENT_MAILER_ARGS', `xagent $h $u')
')dnl
