dnl summary: Ultrix 4
_preset(`confEBINDIR', `/usr/lib')
