dnl summary: HylaFAX
_define(`_have_fax_', `1')
