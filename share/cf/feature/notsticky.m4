dnl summary: the default today
_flag(`notsticky')
