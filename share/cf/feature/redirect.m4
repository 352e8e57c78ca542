dnl summary: addresses ending in .REDIRECT are refused with 551
_flag(`redirect')
