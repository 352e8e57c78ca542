dnl summary: the local and prog mailers (always included)
_define(`_have_local_', `1')
