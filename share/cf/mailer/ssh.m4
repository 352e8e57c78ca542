dnl summary: SMTP over ssh to a host (SSH_MAILER_USER, SSH_MAILER_DIR)
_define(`_have_ssh_', _where_)
