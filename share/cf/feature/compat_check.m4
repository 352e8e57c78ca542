dnl summary: pairs of sender and recipient from Compat: of the access map
_flag(`compat_check')
