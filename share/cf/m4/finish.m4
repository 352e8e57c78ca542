_divert(-1)
dnl the words of a .mc file are plain text from here on
undefine(`MAILER', `FEATURE', `OSTYPE', `DOMAIN', `HACK', `SITE', `SITECONFIG', `VERSIONID', `UUCPSMTP', `CONCAT', `LOCAL_USER', `LOCAL_DOMAIN', `RELAY_DOMAIN', `LOCAL_UUCP', `LOCAL_CONFIG',
`LOCAL_RULE_0', `LOCAL_RULE_1', `LOCAL_RULE_2', `LOCAL_RULE_3', `LOCAL_RULESETS', `LOCAL_NET_CONFIG', `MAILER_DEFINITIONS',
`LOCAL_SRV_FEATURES', `LOCAL_CLT_FEATURES', `LOCAL_TRY_TLS', `LOCAL_TLS_RCPT', `LOCAL_TLS_CLIENT', `LOCAL_TLS_SERVER')
_define(`_check_needed', `ifelse(`$1', incr(_needed_), `', `_check_one($1, _needed_$1_what, _needed_$1_who, _needed_$1_where)_check_needed(incr($1))')')
_define(`_check_one', `ifdef(`_F_$2', `', `_here(`$4')_warn(`FEATURE($3) does nothing without FEATURE($2)')')')
_check_needed(1)
_define(`_ssh_needs', `ifdef(`SSH_MAILER_$1', `', `_here(_have_ssh_)_fault(`MAILER(ssh) needs define(`SSH_MAILER_$1', ...)')')')
ifdef(`_have_ssh_', `_ssh_needs(`USER')_ssh_needs(`DIR')')
ifdef(`__OSTYPE__', `', `_warn(`no OSTYPE: taken as OSTYPE(unknown); today it stands at the beginning')')
_define(`_opt', `ifdef(`$2', `$1=$2, ')')
_define(`_flags', `ifdef(`_flags_$1_', `ifelse(substr(_flags_$1_, 0, 1), `+', `$2`'substr(_flags_$1_, 1)', substr(_flags_$1_, 0, 1), `-', `translit(`$2', substr(_flags_$1_, 1))', `_flags_$1_')', `$2')')
_define(`_out', `_undivert($1)')
_define(`_local_', `_or(`confLOCAL_MAILER', `local')')
_define(`_smtp_', `_or(`confSMTP_MAILER', `esmtp')')
_define(`_relay_', `_or(`confRELAY_MAILER', `relay')')
_define(`_uumax_', `_or(`UUCP_MAILER_MAX', _or(`UUCP_MAX_SIZE', `100000'))')
_define(`_uuargs_', `_or(`UUCP_MAILER_ARGS', `uux - -r -z -a$g -gC $h!rmail ($u)')')
_define(`_smtp_mailer', `M$1,	P=[IPC], F=_flags(`$2', `$3')`'_or(`SMTP_MAILER_FLAGS'), S=EnvFromSMTP/HdrFromSMTP, R=EnvToSMTP/HdrToSMTP, E=\r\n, L=_or(`SMTP_MAILER_LL', `990'),
	_opt(`M', `SMTP_MAILER_MAX')_opt(`m', `SMTP_MAILER_MAXMSGS')_opt(`r', `SMTP_MAILER_MAXRCPTS')_opt(`C', `SMTP_MAILER_CHARSET')_opt(`Q', `$2_MAILER_QGRP')T=DNS/RFC822/SMTP,
	A=_or(`$2_MAILER_ARGS', `TCP $h')')
_define(`_uucp_mailer', `M$1,	P=_or(`UUCP_MAILER_PATH', `/usr/bin/uux'), F=_flags(`UUCP', `$2`'_or(`UUCP_MAILER_FLAGS')'), S=$3, R=$4, M=_uumax_,
	_opt(`C', `UUCP_MAILER_CHARSET')_opt(`Q', `UUCP_MAILER_QGRP')T=X-UUCP/X-UUCP/X-Unix,
	A=_uuargs_')
_define(`_uucp_name_', `ifdef(`UUCP_NAME_HERE', `UUCP_NAME_HERE', `$k')')
dnl the host of MAILER:HOST
_define(`_host_of_', `ifelse(index(`$1', `:'), `-1', `$1', `substr(`$1', incr(index(`$1', `:')))')')
ifelse(_or(`confTIME_ZONE'), `USE_SYSTEM', `undefine(`confTIME_ZONE')', _or(`confTIME_ZONE'), `USE_TZ', `_define(`confTIME_ZONE', `')')
dnl DontBlameSendmail stands before the files that it excuses (layout.m4)
_define(`_conf', `ifelse(`$2', `', `', `$2', `DontBlameSendmail', `', `ifdef(`$1', `O $2=defn(`$1')
', `ifelse(`$3', `', `', `O $2=$3
')')')')
ifdef(`DECNET_RELAY', `_define(`_decnet_', `1')')ifdef(`_have_mail11_', `_define(`_decnet_', `1')')ifdef(`_USE_DECNET_SYNTAX_', `_define(`_decnet_', `1')')
_define(`_run', `ifdef(`$1', `$1`'')')
_define(`_block', `_arguments(shift($@))include(_CF_DIR_`block/$1.m4')')
_define(`_hook', `ifdef(`_F_$1', `_block(`hook', `$1')')')
_define(`_replay_', `_define(`_ARG_', defn(`_b$2_1'))_define(`_ARG2_', defn(`_b$2_2'))_define(`_ARG3_', defn(`_b$2_3'))_define(`_ARG4_', defn(`_b$2_4'))_define(`_ARG5_', defn(`_b$2_5'))_define(`_ARG6_', defn(`_b$2_6'))_define(`_ARG7_', defn(`_b$2_7'))_define(`_ARG8_', defn(`_b$2_8'))_define(`_ARG9_', defn(`_b$2_9'))_define(`_ARG10_', defn(`_b$2_10'))include(_CF_DIR_`block/$1.m4')')
_define(`_limits_now_', `ifdef(`_rate_nodelay_', `R$'`*		$: $>RateControl dummy
')ifdef(`_conn_nodelay_', `R$'`*		$: $>ConnControl dummy
')')
dnl hosts below a class too, where the feature says so: the pattern's beginning and the other side's end
_define(`_below_', `ifdef(`_F_$1', `$'`* ')')
_define(`_tail_', `ifdef(`_F_$1', `$'`2 $'`3 . > $'`4', `$'`2 . > $'`3')')
_define(`_delayed_', `ifdef(`_F_delay_checks', `$1', `_$1')')
_define(`_list_value_', `ifelse(`$1', `', `', `R< ? > $1		defn(`_refuse_')
')')
_define(`_relay_denied_', ifdef(`confRELAY_MSG', ``confRELAY_MSG'', `ifdef(`_F_trust_auth', ``"550 Relaying denied. Proper authentication required."'', ``"550 Relaying denied"'')'))
_define(`_local_masq_', `ifdef(`_F_local_no_masquerade', `', `R$'`*		$: $>MasqHdr $'`1
')')
_divert(0)dnl
include(_CF_DIR_`'m4/layout.m4)dnl
ifdef(`_failed_', `m4exit(1)')dnl
