dnl summary: .domain is looked up in the access map
_flag(`lookupdotdomain')
