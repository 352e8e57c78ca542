dnl summary: DEC OSF/1 (Tru64)
_preset(`confDEF_USER_ID', `daemon')
_preset(`STATUS_FILE', `/usr/adm/sendmail/sendmail.st')
_preset(`confEBINDIR', `/usr/lbin')
