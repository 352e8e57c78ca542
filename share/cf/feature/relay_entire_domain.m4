dnl summary: hosts of class m may relay
_flag(`relay_entire_domain')
