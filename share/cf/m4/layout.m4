##### made by Hikyaku from the .mc file: change that, not this
_emit(`_versions_')dnl
V10/Berkeley
ifdef(`confDONT_BLAME_SENDMAIL', `O DontBlameSendmail=confDONT_BLAME_SENDMAIL
')dnl
Cwlocalhost
ifdef(`_F_use_cw_file', `Fw`'_or(`confCW_FILE', _mail_dir_`local-host-names')
')dnl
ifdef(`_F_use_ct_file', `Ft`'_or(`confCT_FILE', _mail_dir_`trusted-users')
')dnl
FR-o _or(`confCR_FILE', _mail_dir_`relay-domains')
Troot daemon uucp
ifdef(`confTRUSTED_USERS', `Ct`'confTRUSTED_USERS
')dnl
ifdef(`confDOMAIN_NAME', `Dj`'confDOMAIN_NAME
')dnl
Dn`'_or(`confMAILER_NAME', `MAILER-DAEMON')
DZ`'8.17.1`'ifdef(`confCF_VERSION', `/confCF_VERSION')
CP. ifdef(`UUCP_RELAY', `UUCP ')ifdef(`_F_redirect', `REDIRECT ')ifdef(`BITNET_RELAY', `BITNET ')ifdef(`DECNET_RELAY', `DECNET ', `ifdef(`_have_mail11_', `DECNET ')')ifdef(`FAX_RELAY', `FAX ', `ifdef(`_have_fax_', `FAX ')')ifdef(`_have_pop_', `POP ')

CO @ ifdef(`_F_nopercenthack', `', `% ')ifdef(`_F_nouucp', `', `!')
ifdef(`SMART_HOST', `DS`'SMART_HOST
')ifdef(`MAIL_HUB', `DH`'MAIL_HUB
')ifdef(`LOCAL_RELAY', `DR`'LOCAL_RELAY
')ifdef(`LUSER_RELAY', `DL`'LUSER_RELAY
')ifdef(`UUCP_RELAY', `DY`'UUCP_RELAY
')ifdef(`BITNET_RELAY', `DB`'BITNET_RELAY
')ifdef(`DECNET_RELAY', `DC`'DECNET_RELAY
')ifdef(`FAX_RELAY', `DF`'FAX_RELAY
')ifdef(`MASQUERADE_NAME', `DM`'MASQUERADE_NAME
')dnl
_emit(`_macros_')_emit(`_classes_')dnl
Kdequote dequote`'ifdef(`confDEQUOTE_OPTS', ` confDEQUOTE_OPTS')
Kresolve host -a<OK> -T<TEMP>
Karith arith
Kmacro macro
ifdef(`_CERT_REGEX_ISSUER_', `Kcertissuer regex _CERT_REGEX_ISSUER_
')ifdef(`_CERT_REGEX_SUBJECT_', `Kcertsubject regex _CERT_REGEX_SUBJECT_
')dnl
C{ResOk}OK
ifdef(`_F_relay_based_on_MX', `Kmxserved bestmx -z: -T<TEMP>
')ifdef(`LUSER_RELAY', `Kuser user
')ifdef(`_F_bestmx_is_local', `Kbestmx bestmx -T.TMP
')dnl
_emit(`_maps_')dnl
ifdef(`_F_nullclient', `', `ifdef(`_F_msp', `', `O AliasFile=_or(`ALIAS_FILE', _mail_dir_`aliases')
')')dnl
O HelpFile=_or(`HELP_FILE', _mail_dir_`helpfile')
O QueueDirectory=_or(`QUEUE_DIR', `/var/spool/mqueue')
ifdef(`STATUS_FILE', `O StatusFile=STATUS_FILE
')dnl
include(_CF_DIR_`'m4/conf-names.m4)dnl
ifdef(`_F_daemons', `_emit(`_daemons_')', `O DaemonPortOptions=ifdef(`_F_msp', `Name=NoMTA, Addr=127.0.0.1, M=E', `_or(`_default_daemons_', `Name=MTA')')
')dnl
ifdef(`_F_no_default_msa', `', `O DaemonPortOptions=Port=587, Name=MSA, M=E
')dnl
_emit(`_options_')_emit(`_clients_')_emit(`_filters_')_emit(`_queues_')dnl
Pfirst-class=0
Pspecial-delivery=100
Plist=-30
Pbulk=-60
Pjunk=-100
H?P?Return-Path: <$g>
HReceived: _or(`confRECEIVED_HEADER', `$?sfrom $s $.$?_($?s$|from $.$_) $.$?{auth_type}(authenticated) $.by $j ($v/$Z)$?r with $r$. id $i$?u for $u; $|; $.$b')
H?D?Resent-Date: $a
H?D?Date: $a
H?F?Resent-From: _or(`confFROM_HEADER', `$?x$x <$g>$|$g$.')
H?F?From: _or(`confFROM_HEADER', `$?x$x <$g>$|$g$.')
H?x?Full-Name: $x
H?M?Resent-Message-Id: _or(`confMESSAGEID_HEADER', `<$t.$i@$j>')
H?M?Message-Id: _or(`confMESSAGEID_HEADER', `<$t.$i@$j>')
_out(6)
include(_CF_DIR_`'rules/canonify.m4)
include(_CF_DIR_`'rules/parse.m4)
include(_CF_DIR_`'rules/routes.m4)
ifdef(`_F_ldap_routing', `include(_CF_DIR_`'rules/ldap.m4)')
include(_CF_DIR_`'rules/masq.m4)
ifdef(`_F_access_db', `include(_CF_DIR_`'rules/access.m4)')
include(_CF_DIR_`'rules/connect.m4)
include(_CF_DIR_`'rules/sender.m4)
include(_CF_DIR_`'rules/recipient.m4)
include(_CF_DIR_`'rules/tls.m4)
include(_CF_DIR_`'rules/control.m4)
_out(8)dnl
_out(12)dnl
S1
_out(9)dnl
S2
_out(11)dnl
include(_CF_DIR_`'rules/mailers.m4)
_out(7)dnl
