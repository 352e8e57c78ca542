dnl summary: SunOS 3.5
_preset(`confEBINDIR', `/usr/lib')
