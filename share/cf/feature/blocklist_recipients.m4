dnl summary: the access map also blocks recipients
_needs(`access_db')dnl
_flag(`blocklist_recipients')
