dnl summary: old name of blocklist_recipients
_flag(`blocklist_recipients')
