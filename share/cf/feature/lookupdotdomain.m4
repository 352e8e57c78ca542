dnl summary: .domain is looked up in the access map
_needs(`access_db')dnl
_flag(`lookupdotdomain')
