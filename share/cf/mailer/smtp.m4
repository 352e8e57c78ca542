dnl summary: smtp, esmtp, smtp8, dsmtp and relay: SMTP over the network
_define(`_have_smtp_', `1')
