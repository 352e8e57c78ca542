dnl configuration names of earlier releases, still taken: _old_NAME(VALUE) does what is written otherwise today, and says so.
_define(`_say_old', `_warn(`$1 is a name of earlier releases: $2')')
_define(`_old_confDAEMON_OPTIONS', `_say_old(`confDAEMON_OPTIONS', `write DAEMON_OPTIONS($1)')DAEMON_OPTIONS(`$1')')
_define(`_old_confCLIENT_OPTIONS', `_say_old(`confCLIENT_OPTIONS', `write CLIENT_OPTIONS($1)')CLIENT_OPTIONS(`$1')')
_define(`_old_confDEF_GROUP_ID', `_say_old(`confDEF_GROUP_ID', `without effect; write user:group in confDEF_USER_ID')')
_define(`_old_confREAD_TIMEOUT', `_say_old(`confREAD_TIMEOUT', `without effect; write the confTO_ name of each time')')
_define(`_old_confAUTO_REBUILD', `_say_old(`confAUTO_REBUILD', `without effect; aliases are rebuilt by newaliases alone')')
dnl 5d/4h: when mail goes back, and when its sender is warned
_define(`_old_confMESSAGE_TIMEOUT', `_say_old(`confMESSAGE_TIMEOUT', `write confTO_QUEUERETURN and confTO_QUEUEWARN')ifelse(index(`$1', `/'), `-1', `_define(`confTO_QUEUERETURN', `$1')', `_define(`confTO_QUEUERETURN', substr(`$1', `0', index(`$1', `/')))_define(`confTO_QUEUEWARN', substr(`$1', incr(index(`$1', `/'))))')')
