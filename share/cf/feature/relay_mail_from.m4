dnl summary: senders with RELAY under From: in the access map may relay (domain: their domains too)
_needs(`access_db')dnl
_queue(`_relay_sender_rules_', `mailfrom', defn(`_ARG_'))
