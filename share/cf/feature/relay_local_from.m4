dnl summary: senders of our own domains may relay
_queue(`_relay_sender_rules_', `localfrom')
