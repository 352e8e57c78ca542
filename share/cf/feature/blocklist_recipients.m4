dnl summary: the access map also blocks recipients
_flag(`blocklist_recipients')
