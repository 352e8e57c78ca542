dnl summary: open connections are counted against ClientConn: of the access map (nodelay; terminate)
_limit_feature_(`conn')
