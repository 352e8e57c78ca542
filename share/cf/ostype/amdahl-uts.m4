dnl summary: Amdahl UTS
_preset(`LOCAL_MAILER_FLAGS', `9Sfn')
_preset(`confEBINDIR', `/usr/lib')
