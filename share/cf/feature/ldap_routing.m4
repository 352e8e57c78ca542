dnl summary: recipients of class LDAPRoute are routed by LDAP (map of hosts; map of addresses; bounce, passthru or sendertoo; strip or preserve; nodomain; tempfail or queue)
_flag(`ldap_routing')_define(`_ldap_bounce_', defn(`_ARG3_'))_define(`_ldap_detail_', defn(`_ARG4_'))_define(`_ldap_nodomain_', defn(`_ARG5_'))
_append(`_maps_', `Kldapmh 'ifelse(defn(`_ARG_'), `', ``ldap -1 -T<TMPF> -v mailHost -k (&(objectClass=inetLocalMailRecipient)(mailLocalAddress=%0))'', `defn(`_ARG_')')`
Kldapmra 'ifelse(defn(`_ARG2_'), `', ``ldap -1 -T<TMPF> -v mailRoutingAddress -k (&(objectClass=inetLocalMailRecipient)(mailLocalAddress=%0))'', `defn(`_ARG2_')')`
')
