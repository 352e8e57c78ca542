dnl summary: class R and RELAY entries are hosts, not domains
_flag(`relay_hosts_only')
