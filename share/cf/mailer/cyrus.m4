dnl summary: cyrus and cyrusbb
_define(`_have_cyrus_', `1')
