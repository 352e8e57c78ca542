dnl summary: netnews through inews
_define(`_have_usenet_', `1')
