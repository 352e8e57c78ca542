dnl summary: what Debian's own sendmail.mc expects of its daemon
_preset(`confCONTROL_SOCKET_NAME', `/var/run/sendmail/mta/smcontrol')_preset(`confPID_FILE', `/var/run/sendmail/mta/sendmail.pid')
_preset(`confMAX_DAEMON_CHILDREN', `0')_preset(`confMAX_HOP', `100')_preset(`confMAX_RUNNERS_PER_QUEUE', `5')
_preset(`confPRIVACY_FLAGS', `restrictqrun')_preset(`confPROCESS_TITLE_PREFIX', `MTA')_preset(`confQUEUE_FILE_MODE', `0600')
_preset(`confRRT_IMPLIES_DSN', `False')_preset(`confSAFE_FILE_ENV', `/')_preset(`confTRUSTED_USER', `smmta')
_preset(`confTO_COMMAND', `5m')_preset(`confTO_DATAINIT', `2m')_preset(`confTO_ICONNECT', `2m')_preset(`confTO_IDENT', `5s')
_preset(`confTO_MAIL', `2m')_preset(`confTO_QUIT', `2m')_preset(`confTO_RSET', `1m')
