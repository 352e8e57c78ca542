dnl summary: old form of confTLS_FALLBACK_TO_CLEAR
_warn(`FEATURE(tls_failures) is an old form: taken as define(`confTLS_FALLBACK_TO_CLEAR', `true')')_define(`confTLS_FALLBACK_TO_CLEAR', `true')
