dnl summary: connections in a time are counted against ClientRate: of the access map (nodelay; terminate)
_needs(`access_db')dnl
_limit_feature_(`rate')
