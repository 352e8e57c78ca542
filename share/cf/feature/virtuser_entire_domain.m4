dnl summary: hosts below class VirtHost are looked up
_flag(`virtuser_entire_domain')
