dnl summary: Cyrus over LMTP
_define(`_have_cyrusv2_', `1')
