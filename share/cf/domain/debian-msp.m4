dnl summary: what Debian's own submit.mc expects of the submission program
_preset(`confCONTROL_SOCKET_NAME', `/var/run/sendmail/msp/smcontrol')_preset(`confPID_FILE', `/var/run/sendmail/msp/sendmail.pid')
_preset(`MSP_QUEUE_DIR', `/var/spool/mqueue-client')_preset(`confHOST_STATUS_DIRECTORY', `')_preset(`confPROCESS_TITLE_PREFIX', `MSP')
_preset(`confRRT_IMPLIES_DSN', `False')_preset(`confSAFE_FILE_ENV', `/')_preset(`confTEMP_FILE_MODE', `0640')
_preset(`confTO_COMMAND', `5m')_preset(`confTO_DATAINIT', `2m')_preset(`confTO_HOSTSTATUS', `0')_preset(`confTO_ICONNECT', `2s')
_preset(`confTO_IDENT', `5s')_preset(`confTO_MAIL', `2m')_preset(`confTO_QUIT', `2m')_preset(`confTO_RSET', `1m')
