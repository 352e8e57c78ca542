divert(-1)
dnl Hikyaku's macro library: what an operator's .mc file may say. Everything here only takes notes (flags, lists, texts);
dnl finish.m4 writes the .cf at the end, so the order of FEATURE, MAILER and define in the .mc file does not matter.
dnl Called as   m4 [-D_CF_DIR_=DIR/] DIR/m4/cf.m4 FILE.mc   (hikyaku makecf does that).

changecom()
ifdef(`_CF_DIR_', `', `define(`_CF_DIR_', `../')')

dnl --- the builtins under names that a .mc file does not touch
define(`_define', defn(`define'))
define(`_divert', defn(`divert'))
define(`_undivert', defn(`undivert'))

dnl --- _note(LEVEL, TEXT): FILE:LINE: LEVEL: TEXT on standard error; a fault also makes the whole run end with 1 (finish.m4).
dnl The line is that of the operator's word (_here), not that of the library's file which the word reads.
_define(`_here', `_define(`_where_', `$1')')
_define(`_note', `errprint(ifdef(`_where_', `_where_', `__file__:__line__')`: $1: $2
')')
_define(`_fault', `_note(`error', `$1')_define(`_failed_', `1')')
_define(`_warn', `_note(`warning', `$1')')

dnl --- _preset(NAME, VALUE): what a system or a domain has where the operator has not said otherwise yet
_define(`_preset', `ifdef(`$1', `', `_define(`$1', `$2')')')
_define(`_or', `ifdef(`$1', `$1', `$2')')
dnl --- lists of lines: _append(NAME, TEXT) and, at the end, _emit(NAME); the text is never expanded again
_define(`_append', `_define(`$1', ifdef(`$1', `defn(`$1')')`$2')')
_define(`_emit', `ifdef(`$1', `defn(`$1')')')
_define(`_words', `translit(`$1', `
	', `  ')')

dnl --- conf names: conf-names.m4 calls _conf for each; an unknown one in a .mc file is a fault
_define(`_conf', `_define(`_known_$1', `$2')')
include(_CF_DIR_`'m4/conf-names.m4)
include(_CF_DIR_`'m4/old-names.m4)
_define(`_check_conf', `ifelse(index(`$1', `conf'), `0', `ifdef(`_old_$1', `_old_$1(`$2')', `ifdef(`_known_$1', `', `_fault(`unknown configuration name $1')')')')')
_define(`define', `ifelse($#, `0', ``define'', `_here(__file__:__line__)_check_conf(`$1', `$2')_define($@)')')

dnl --- diversions: the documented numbers; plain text of the .mc file (0) goes with the local configuration (6)
_define(`divert', `_divert(ifelse(`$1', `', `6', `$1', `0', `6', `$1'))')

dnl --- include: a .mc file that reads sendmail's own cf.m4 first gets this library all the same
_define(`_include', defn(`include'))
_define(`include', `ifelse($#, `0', ``include'', index(`$1', `m4/cf.m4'), `-1', `_include(`$1')', `_here(__file__:__line__)_warn(`include($1) left out: this library is read already')')')

_define(`VERSIONID', `_append(`_versions_', `##### $1 #####
')')

dnl --- _needs(FEATURE): the feature being read does nothing without that one, wherever it stands; asked at the end (finish.m4)
_define(`_needed_', `0')
_define(`_needs', `_define(`_needed_', incr(_needed_))_define(`_needed_'_needed_`_what', `$1')_define(`_needed_'_needed_`_who', _feature_)_define(`_needed_'_needed_`_where', _where_)')

dnl --- the library's parts; a site's own stand in domain/, feature/ and so on beside its .mc file
_define(`_exists', `syscmd(`test -r "'$1`"')ifelse(sysval, `0', `1', `0')')
_define(`_part', `ifelse(_exists(_CF_DIR_`$1/$2.m4'), `1', `_pull(_CF_DIR_`$1/$2.m4')', _exists(`$1/$2.m4'), `1', `_pull(`$1/$2.m4')', `_fault(`unknown $3 $2')')')
_define(`_pull', `pushdef(`_saved_', divnum)_divert(-1)include(`$1')_divert(_saved_)popdef(`_saved_')')
_define(`_arguments', `_define(`_ARGC_', `$#')_define(`_ARG_', `$1')_define(`_ARG1_', `$1')_define(`_ARG2_', `$2')_define(`_ARG3_', `$3')_define(`_ARG4_', `$4')_define(`_ARG5_', `$5')_define(`_ARG6_', `$6')_define(`_ARG7_', `$7')_define(`_ARG8_', `$8')_define(`_ARG9_', `$9')')
_define(`OSTYPE', `ifelse($#, `0', ``OSTYPE'', `_here(__file__:__line__)ifdef(`_any_mailer_', `_warn(`OSTYPE($1) after MAILER: taken all the same; today OSTYPE stands before FEATURE and MAILER lines')')_define(`__OSTYPE__', `$1')_part(`ostype', `$1', `OSTYPE')')')
_define(`DOMAIN', `ifelse($#, `0', ``DOMAIN'', `_here(__file__:__line__)_part(`domain', `$1', `DOMAIN')')')
_define(`HACK', `ifelse($#, `0', ``HACK'', `_here(__file__:__line__)_arguments(shift($@))_part(`hack', `$1', `HACK')')')
_define(`MAILER', `ifelse($#, `0', ``MAILER'', `_here(__file__:__line__)_arguments(shift($@))_define(`_any_mailer_', `1')_part(`mailer', `$1', `MAILER')_define(`_mailer_$1_', `1')_divert(7)')')
_define(`FEATURE', `ifelse($#, `0', ``FEATURE'', `_here(__file__:__line__)_define(`_feature_', `$1')_arguments(shift($@))ifdef(`_any_mailer_', `_warn(`FEATURE($1) after MAILER: taken all the same; today FEATURE lines stand before MAILER lines')')_define(`_feature_$1_', `1')_part(`feature', `$1', `FEATURE')')')
_define(`_flag', `_define(`_F_$1', `1')')
_define(`_lists_', `0')
dnl --- _queue(LIST, BLOCK, ARGUMENTS): block/BLOCK.m4 is to stand where the rules write LIST, with these arguments in _ARG_, _ARG2_ ...
_define(`_blocks_', `0')
_define(`_queue', `_define(`_blocks_', incr(_blocks_))_remember(_blocks_, 1, shift(shift($@)))_append(`$1', `_replay_($2,')_append(`$1', _blocks_)_append(`$1', `)')')
_define(`_remember', `_define(`_b$1_$2', `$3')ifelse(eval($# > 3), `1', `_remember(`$1', incr($2), shift(shift(shift($@))))')')
dnl FEATURE(ratecontrol, nodelay, terminate) and its like: one argument or two, in either order
_define(`_limit_feature_', `_flag(`limits')_flag(`$1control')ifelse(_ARG_, `terminate', `_define(`_$1_terminate_', `1')')ifelse(_ARG2_, `terminate', `_define(`_$1_terminate_', `1')')ifelse(_ARG_`'ifdef(`_F_delay_checks', `', `/'), `nodelay', `_define(`_$1_nodelay_', `1')_define(`_limit_nodelay_', `1')', `_queue(`_connect_rules_', `limit', ifelse(`$1', `rate', `RateControl', `ConnControl'))')')
_define(`_mail_dir_', `_or(`MAIL_SETTINGS_DIR', `/etc/mail/')')
ifdef(`DATABASE_MAP_TYPE', `', `_define(`DATABASE_MAP_TYPE', `hash')')
dnl --- _table(MAP, ARGUMENT, DEFAULT FILE, LDAP KEY): the map of a feature, declared
_define(`_table', `_append(`_maps_', `K$1 'ifelse(`$2', `', `DATABASE_MAP_TYPE` '_mail_dir_`$3'', `$2', `LDAP', ``ldap -1 -v sendmailMTAMapValue,sendmailMTAMapSearch:FILTER:sendmailMTAMapObject,sendmailMTAMapURL:URL:sendmailMTAMapObject -k (&(objectClass=sendmailMTAMapObject)(|(sendmailMTACluster=${sendmailMTACluster})(sendmailMTAHost=$j))(sendmailMTAMapName=$4)(sendmailMTAKey=%0))'', ``$2'')`
')')

dnl --- classes
_define(`_class', `ifelse(`$2', `', `', `_append(`_classes_', `C{$1}'_words(`$2')`
')')')
_define(`_classfile', `_append(`_classes_', `F{$1}$2
')')
_define(`MASQUERADE_DOMAIN', `_class(`M', `$1')')
_define(`MASQUERADE_DOMAIN_FILE', `_classfile(`M', `$1')')
_define(`MASQUERADE_EXCEPTION', `_class(`N', `$1')')
_define(`MASQUERADE_EXCEPTION_FILE', `_classfile(`N', `$1')')
_define(`EXPOSED_USER', `_class(`E', `$1')')
_define(`EXPOSED_USER_FILE', `_classfile(`E', `$1')')
_define(`LOCAL_USER', `_class(`L', `$1')')
_define(`LOCAL_USER_FILE', `_classfile(`L', `$1')')
_define(`GENERICS_DOMAIN', `_class(`G', `$1')')
_define(`GENERICS_DOMAIN_FILE', `_classfile(`G', `$1')')
_define(`VIRTUSER_DOMAIN', `_class(`VirtHost', `$1')_class(`R', `$1')_flag(`virthost')')
_define(`VIRTUSER_DOMAIN_FILE', `_classfile(`VirtHost', `$1')_classfile(`R', `$1')_flag(`virthost')')
_define(`RELAY_DOMAIN', `_class(`R', `$1')')
_define(`RELAY_DOMAIN_FILE', `_classfile(`R', `$1')')
_define(`LOCAL_DOMAIN', `_class(`w', `$1')')
_define(`LOCAL_DOMAIN_FILE', `_classfile(`w', `$1')')
_define(`CANONIFY_DOMAIN', `_class(`Canonify', `$1')_flag(`canonify_domain')')
_define(`CANONIFY_DOMAIN_FILE', `_classfile(`Canonify', `$1')_flag(`canonify_domain')')
_define(`LDAPROUTE_DOMAIN', `_class(`LDAPRoute', `$1')')
_define(`LDAPROUTE_DOMAIN_FILE', `_classfile(`LDAPRoute', `$1')')
_define(`LDAPROUTE_EQUIVALENT', `_class(`LDAPRouteEquiv', `$1')_flag(`ldaproute_equiv')')
_define(`LDAPROUTE_EQUIVALENT_FILE', `_classfile(`LDAPRouteEquiv', `$1')_flag(`ldaproute_equiv')')
_define(`TRUST_AUTH_MECH', `_flag(`trust_auth')_class(`TrustAuthMech', `$1')')
_define(`MASQUERADE_AS', `_define(`MASQUERADE_NAME', `$1')')

dnl --- UUCP neighbours: SITECONFIG(FILE, LOCAL NAME, CLASS) reads siteconfig/FILE.m4, whose SITE lines fill the class
_define(`_uucpclass_', `U')
_define(`SITE', `_class(_uucpclass_, `$1')')
_define(`SITECONFIG', `_here(__file__:__line__)_define(`_uucpclass_', `$3')ifelse(`$3', `U', `_define(`UUCP_NAME_HERE', `$2')_class(`k', `$2')_class(`w', `$2.UUCP')', `_append(`_macros_', `D$3$2
')_append(`_uucp_sites_', `R$'`* < @ $=$3 .UUCP. > $'`*		$: $>MailerToTriple < $$3 > $'`1 < @ $'`2 .UUCP. > $'`3
')')_part(`siteconfig', `$1', `SITECONFIG')_define(`_uucpclass_', `U')')
_define(`UUCPSMTP', `_append(`_uucpsmtp_', `R$'`* < @ $1 .UUCP > $'`*		$: $'`1 < @ $2 > $'`2
')')

dnl --- daemons, clients, filters, queue groups, mailer flags
_define(`DAEMON_OPTIONS', `_flag(`daemons')_append(`_daemons_', `O DaemonPortOptions=$*
')')
_define(`CLIENT_OPTIONS', `_flag(`clients')_append(`_clients_', `O ClientPortOptions=$*
')')
_define(`MAIL_FILTER', `_append(`_filters_', `X$1, $2
')')
_define(`INPUT_MAIL_FILTER', `MAIL_FILTER(`$1', `$2')_define(`confINPUT_MAIL_FILTERS', ifdef(`confINPUT_MAIL_FILTERS', `defn(`confINPUT_MAIL_FILTERS')`, '')`$1')')
_define(`QUEUE_GROUP', `_append(`_queues_', `Q$1, $2
')')
_define(`MODIFY_MAILER_FLAGS', `_define(`_flags_$1_', `$2')')

dnl --- parts of the configuration that the operator writes himself
_define(`LOCAL_CONFIG', `_divert(6)')
_define(`LOCAL_RULE_0', `_divert(3)')
_define(`LOCAL_RULE_1', `_divert(9)')
_define(`LOCAL_RULE_2', `_divert(11)')
_define(`LOCAL_RULE_3', `_divert(2)')
_define(`LOCAL_RULESETS', `_divert(12)')
dnl _site_ruleset(WORD, NAME, FLAG): what follows WORD is ruleset Local_NAME, which ours asks first (_hook); FLAG: what makes ours be there
_define(`_site_ruleset', `_define(`$1', `_flag(`Local_$2')_flag(`$3')_divert(12)SLocal_$2')')
_site_ruleset(`LOCAL_SRV_FEATURES', `srv_features', `offers')
_site_ruleset(`LOCAL_CLT_FEATURES', `clt_features', `offers')
_site_ruleset(`LOCAL_TRY_TLS', `try_tls', `offers')
_site_ruleset(`LOCAL_TLS_RCPT', `tls_rcpt', `tls_rcpt')
_site_ruleset(`LOCAL_TLS_CLIENT', `tls_client', `tls_client')
_site_ruleset(`LOCAL_TLS_SERVER', `tls_server', `tls_server')
_define(`LOCAL_NET_CONFIG', `_divert(1)')
_define(`LOCAL_UUCP', `_divert(4)')
_define(`MAILER_DEFINITIONS', `_divert(7)')
_define(`CONCAT', `$1$2$3$4$5$6$7$8$9')

m4wrap(`include(_CF_DIR_`'m4/finish.m4)')
_divert(6)dnl
