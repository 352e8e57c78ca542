dnl summary: open connections are counted against ClientConn: of the access map (nodelay; terminate)
_needs(`access_db')dnl
_limit_feature_(`conn')
