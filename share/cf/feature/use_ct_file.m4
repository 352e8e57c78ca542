dnl summary: class t from /etc/mail/trusted-users
_flag(`use_ct_file')
