dnl summary: SunOS 4.1
_preset(`confEBINDIR', `/usr/lib')
