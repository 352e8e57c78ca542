dnl summary: the program xagent
_define(`_have_xagent_', `1')
