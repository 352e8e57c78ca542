dnl summary: +CN: of a TLS entry is also met by another name of the certificate, or by its *.domain
_flag(`cert_altnames')_append(`_options_', `O SetCertAltnames=true
')
