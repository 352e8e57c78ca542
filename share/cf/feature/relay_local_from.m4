dnl summary: senders of local domains may relay
_flag(`relay_local_from')
