dnl summary: the access map
_flag(`access_db')_table(`access', ifelse(defn(`_ARG_'), `', DATABASE_MAP_TYPE` -T<TMPF> '_mail_dir_`access', defn(`_ARG_')), `', `access')
_define(`_access_opts_', `_ARG2_ _ARG3_ _ARG4_')ifelse(index(_access_opts_, `skip'), `-1', `', `_flag(`skip')')ifelse(index(_access_opts_, `lookupdotdomain'), `-1', `', `_flag(`lookupdotdomain')')ifelse(index(_access_opts_, `relaytofulladdress'), `-1', `', `_flag(`relaytofull')')
