dnl summary: uucp-old, uucp-new and, with smtp, uucp-dom and uucp-uudom
_define(`_have_uucp_', `1')
