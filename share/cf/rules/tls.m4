###  TLS and authentication: what a connection must be, and what is offered to whom
SLocal_trust_auth
Strust_auth
R$*		$: $1 $| $>Local_trust_auth $1
R$* $| $# $*		$# $2
R$* $| $*		$: < $&{auth_type} > $1
R< > $*		$# error $@ 5.7.1 $: "550 not authenticated"
# AUTH= is believed if it names whom the client authenticated as
R< $* > < $* >		$: < $1 > $2
R< $* > $&{auth_authen}		$@ identical
R$*		$# error $@ 5.7.1 $: "550 " $&{auth_authen} " not allowed to act as " $&{auth_author}

# TlsRelay: RELAY for a client whose certificate the access map names
STlsRelay
ifdef(`_F_access_db', `dnl
ROK		$: < ifdef(`_CERT_REGEX_ISSUER_', `$(certissuer $&{cert_issuer} $: $&{cert_issuer} $)', `$&{cert_issuer}') >
R< $+ >		$: < $(access CertIssuer:$1 $: ? $) >
R< SUBJECT >		$: < @ ifdef(`_CERT_REGEX_SUBJECT_', `$(certsubject $&{cert_subject} $: $&{cert_subject} $)', `$&{cert_subject}') >
R< @ $+ >		$: < $(access CertSubject:$1 $: ? $) >
R< RELAY >		$@ RELAY
')dnl
R$*		$@ NO

# tls_client: verify $| STARTTLS or MAIL, asked when a client has said either; tls_server: verify, when we are the client
Stls_client
_hook(`Local_tls_client')dnl
R$*		$: $(macro {TLS_Name} $@ $&{client_name} $) $1
R$* $| $*		$: $1
ifdef(`_F_access_db', `dnl
R$*		$: $1 $| $>AccessClient < ! > < TLS_Clt > < $&{client_name} > < $&{client_addr} >
', `dnl
R$*		$: $1 $| < ? >
')dnl
R$*		$@ $>TlsAsked $1
Stls_server
_hook(`Local_tls_server')dnl
R$*		$: $(macro {TLS_Name} $@ $&{server_name} $) $1
ifdef(`_F_access_db', `dnl
R$*		$: $1 $| $>AccessClient < ! > < TLS_Srv > < $&{server_name} > < $&{server_addr} >
', `dnl
R$*		$: $1 $| < ? >
')dnl
R$*		$@ $>TlsAsked $1
ifdef(`_F_access_db', `_flag(`tls_rcpt')')dnl
ifdef(`_F_tls_rcpt', `
# tls_rcpt: the recipient, before RCPT is sent to a server
Stls_rcpt
_hook(`Local_tls_rcpt')dnl
ifdef(`_F_access_db', `dnl
R$*		$: $(macro {TLS_Name} $@ $&{server_name} $) $1
R$*		$: $>CanonAddr $1
R$* < @ $+ . >		$1 < @ $2 >
R$+ < @ $+ >		$: $1 < @ $2 > $| $>AccessKey < ! > < TLS_Rcpt > < $1 @ $2 >
R$+ < @ $+ > $| < ? >		$: $1 < @ $2 > $| $>AccessKey < ! > < TLS_Rcpt > < $1 @ >
R$+ < @ $+ > $| < ? >		$: $1 < @ $2 > $| $>AccessHost < ! > < TLS_Rcpt > < $2 >
R$* $| < ? >		$: $1 $| $>AccessKey < ! > < TLS_Rcpt > < >
R$* $| < ? >		$@ OK
R$* $| < $+ >		$@ $>TlsAsked $&{verify} $| < $2 >
')')dnl

# TlsAsked: verify $| < what the site asks >: OK or the refusal; TEMP or PERM in front says of which kind it is
STlsAsked
R$* $| < $* <TMPF> >		$# error $@ 4.3.0 $: "451 Temporary system failure. Please try again later."
RSOFTWARE $| < ? >		$# error $@ 4.7.0 $: "454 TLS handshake failed."
RPROTOCOL $| < ? >		$# error $@ 4.7.0 $: "454 STARTTLS failed."
RCONFIG $| < ? >		$# error $@ 4.7.0 $: "454 STARTTLS temporarily not possible."
RDANE_FAIL $| < ? >		$# error $@ 4.7.0 $: "454 DANE check failed."
R$* $| < ? >		$@ ifdef(`_F_access_db', `OK', `$1')
R$* $| < TEMP + $* >		$: < TEMP > $1 $| $2
R$* $| < PERM + $* >		$: < PERM > $1 $| $2
R$* $| < $* >		$: < ifdef(`TLS_PERM_ERR', `PERM', `TEMP') > $1 $| $2
# a handshake that failed is no connection
R< $- > SOFTWARE $| $*		$@ $>TlsRefused < $1 > " TLS handshake failed."
R< $- > PROTOCOL $| $*		$@ $>TlsRefused < $1 > " STARTTLS failed."
R< $- > CONFIG $| $*		$@ $>TlsRefused < $1 > " STARTTLS temporarily not possible."
R< $- > DANE_FAIL $| $*		$@ $>TlsRefused < $1 > " DANE check failed."
R< $- > TRUSTED $| $*		$: < $1 > OK $| $2
# VERIFY, VERIFY:bits, ENCR:bits, each with +CN: and so on behind it
R< $- > OK $| VERIFY : $*		$: < $1 > OK $| ENCR : $2
R< $- > OK $| VERIFY $*		$: < $1 > $2
R< $- > $* $| VERIFY $*		$: < $1 > < $2 >
R< $- > $* $| ENCR : $- $*		$: < $1 > $4 $| $3 $| $>TlsBits $3
R< $- > $* $| $- $| OK		$: < $1 > $2
R< $- > $* $| $- $| $*		$@ $>TlsRefused < $1 > " encryption too weak " $4 " less than " $3
R< $- > $* $| $*		$@ OK
R< $- > < NO >		$@ $>TlsRefused < $1 > " not authenticated"
R< $- > < NOT >		$@ $>TlsRefused < $1 > " no authentication requested"
R< $- > < NONE >		$@ $>TlsRefused < $1 > " other side does not support STARTTLS"
R< $- > < FAIL >		$@ $>TlsRefused < $1 > " authentication failed"
R< $- > < >		$@ $>TlsRefused < $1 > " authentication required"
R< $- > < $* >		$@ $>TlsRefused < $1 > " authentication failure "
R$*		$@ $>TlsNames $1

STlsRefused
R< TEMP > $*		$# error $@ 4.7.0 $: 454 $1
R< PERM > $*		$# error $@ 5.7.0 $: 503 $1

# TlsBits: the bits asked for: OK if TLS or a SASL layer has them, else the bits there are
STlsBits
R$*		$: $1 $| < $&{cipher_bits} > < $&{auth_ssf} >
R$* $| < > < $* >		$: $1 $| < 0 > < $2 >
R$* $| < $* > < >		$: $1 $| < $2 > < 0 >
R$* $| < $- > < $- >		$: $1 $| < $(arith l $@ $2 $@ $1 $) > < $(arith l $@ $3 $@ $1 $) > $(arith l $@ $2 $@ $3 $) $| $2 $| $3
R$* $| < FALSE > $*		$@ OK
R$* $| $* < FALSE > $*		$@ OK
R$* $| $* TRUE $| $- $| $-		$@ $4
R$* $| $* $| $- $| $-		$@ $3

# TlsNames: +name ++name: each must be the certificate's
STlsNames
R< $- >		$@ OK
R< $- > + + $*		< $1 > + $2
R< $- > + CN $*		$: < $1 > + CN $2 $| $&{TLS_Name}
R< $- > + CN $| $*		$: < $1 > < CN : $2 >
R< $- > + CN + + $* $| $*		$: < $1 > < CN : $3 > + $2
R< $- > $* $| $*		$: < $1 > $2
R< $- > + $* + + $*		$: < $1 > < $2 > + $3
R< $- > + $*		$: < $1 > < $2 >
R< $- > < CN : $&{cn_subject} > $*		$@ $>TlsNames < $1 > $2
ifdef(`_F_cert_altnames', `dnl
R< $- > < CN : $={cert_altnames} > $*		$@ $>TlsNames < $1 > $3
R< $- > < CN : $- . $+ > $*		$: < $1 > < CN : $2 . $3 > $4 $| < * . $3 >
R< $- > < $* > $* $| < $={cert_altnames} >		$@ $>TlsNames < $1 > $3
R$* $| < $* >		$: $1
')dnl
R< $- > < CS : $&{cert_subject} > $*		$@ $>TlsNames < $1 > $2
R< $- > < CI : $&{cert_issuer} > $*		$@ $>TlsNames < $1 > $2
R< $- > < CN : $* > $*		$@ $>TlsRefused < $1 > " CN " $&{cn_subject} " does not match " $2
R< $- > < CS : $* > $*		$@ $>TlsRefused < $1 > " Cert Subject " $&{cert_subject} " does not match " $2
R< $- > < CI : $* > $*		$@ $>TlsRefused < $1 > " Cert Issuer " $&{cert_issuer} " does not match " $2
ifdef(`_F_access_db', `dnl
R< $- > < CITag : $- > $*		$: < $1 > $3 $| $>AccessKey < ! > < $2 > < $&{cert_issuer} >
R< $- > $* $| < OK >		$@ $>TlsNames < $1 > $2
R< $- > $* $| $*		$@ $>TlsRefused < $1 > " Cert Issuer " $&{cert_issuer} " not acceptable"
')dnl
R< $- > < $* > $*		$@ $>TlsNames < $1 > $3
ifdef(`_F_access_db', `_flag(`offers')')dnl
ifdef(`_F_offers', `
###  what is offered: NO in Try_TLS: no STARTTLS to that server; Srv_Features and Clt_Features as the guide lists them
Stry_tls
_hook(`Local_try_tls')dnl
ifdef(`_F_access_db', `dnl
R$*		$: $>AccessClient < ! > < Try_TLS > < $&{server_name} > < $&{server_addr} >
R< NO >		$# error $@ 5.7.1 $: "550 do not try TLS with " $&{server_name} " [" $&{server_addr} "]"
R$*		$@ OK
')dnl
Ssrv_features
_hook(`Local_srv_features')dnl
ifdef(`_F_access_db', `dnl
R$*		$: $>AccessClient < ! > < Srv_Features > < $&{client_name} > < $&{client_addr} >
R< ? >		$@ OK
R< $* <TMPF> >		$# temp
R< $+ >		$# $1
')dnl
Sclt_features
_hook(`Local_clt_features')dnl
ifdef(`_F_access_db', `dnl
R$*		$: $>AccessClient < ! > < Clt_Features > < $&{server_name} > < $&{server_addr} >
R< ? >		$@ OK
R< $* <TMPF> >		$# temp
R< $+ >		$# $1
')dnl
')dnl
ifdef(`_F_access_db', `ifdef(`_F_tls_session_features', `
Stls_srv_features
R$* $| $*		$: $>AccessClient < ! > < TLS_Srv_features > < $1 > < $2 >
R< ? >		$@ ""
R< $+ >		$@ $1
Stls_clt_features
R$* $| $*		$: $>AccessClient < ! > < TLS_Clt_features > < $1 > < $2 >
R< ? >		$@ ""
R< $+ >		$@ $1
')')dnl
ifdef(`_F_authinfo', `_block(`authinfo')', `ifdef(`_F_access_db', `_block(`authinfo')')')dnl
