dnl summary: pairs of sender and recipient from Compat: of the access map
_needs(`access_db')dnl
_flag(`compat_check')
