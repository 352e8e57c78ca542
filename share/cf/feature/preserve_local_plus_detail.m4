dnl summary: +detail is given to the local mailer
_flag(`preserve_local_plus_detail')
