dnl summary: TLS options by TLS_Srv_features: and TLS_Clt_features: of the access map
_needs(`access_db')dnl
_flag(`tls_session_features')
