dnl summary: smtp, esmtp, smtp8, dsmtp and relay: SMTP over the network
_define(`_have_smtp_', `1')ifdef(`_have_uucp_', `_warn(`MAILER(smtp) after MAILER(uucp): taken all the same; today MAILER(smtp) stands before it')')
