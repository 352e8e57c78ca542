dnl summary: QuickPage
_define(`_have_qpage_', `1')
