dnl summary: class w from /etc/mail/local-host-names
_flag(`use_cw_file')
