dnl every configuration name: _conf(name, option, value when the .mc file says nothing, what it is). Read twice: by cf.m4, which only
dnl learns the names, and where the options stand in the .cf. doc/macro-library.md is made from it.
_conf(`confMAILER_NAME', `', `', `the name in the sender of error mail')dnl
_conf(`confDOMAIN_NAME', `', `', `the full name of this host ($j)')dnl
_conf(`confCF_VERSION', `', `', `added to the version in $Z')dnl
_conf(`confLDAP_CLUSTER', `', `', `the cluster whose LDAP entries count too')dnl
_conf(`confFROM_HEADER', `', `', `how a From: line made here looks')dnl
_conf(`confRECEIVED_HEADER', `', `', `how our Received: line looks')dnl
_conf(`confMESSAGEID_HEADER', `', `', `how a Message-Id: made here looks')dnl
_conf(`confCW_FILE', `', `', `the file of FEATURE(use_cw_file)')dnl
_conf(`confCT_FILE', `', `', `the file of FEATURE(use_ct_file)')dnl
_conf(`confCR_FILE', `', `', `the file of class R, whom we relay for')dnl
_conf(`confTRUSTED_USERS', `', `', `more users who may name any sender')dnl
_conf(`confTRUSTED_USER', `TrustedUser', `', `the user who may own databases and run the tools of the daemon')dnl
_conf(`confSMTP_MAILER', `', `', `the mailer for the network')dnl
_conf(`confUUCP_MAILER', `', `', `the mailer for UUCP names')dnl
_conf(`confLOCAL_MAILER', `', `', `the mailer for our users')dnl
_conf(`confRELAY_MAILER', `', `', `the mailer for relays named without one')dnl
_conf(`confSEVEN_BIT_INPUT', `SevenBitInput', `', `the eighth bit of everything read is cleared')dnl
_conf(`confEIGHT_BIT_HANDLING', `EightBitMode', `', `what becomes of undeclared eight-bit text')dnl
_conf(`confALIAS_WAIT', `AliasWait', `10', `how long an alias database that is being built is waited for')dnl
_conf(`confMIN_FREE_BLOCKS', `MinFreeBlocks', `100', `free blocks the disk of the queue must have for more mail')dnl
_conf(`confMAX_MESSAGE_SIZE', `MaxMessageSize', `', `the largest message')dnl
_conf(`confBLANK_SUB', `BlankSub', `.', `what replaces blanks in addresses')dnl
_conf(`confCON_EXPENSIVE', `HoldExpensive', `', `expensive mailers wait for a queue run')dnl
_conf(`confCHECKPOINT_INTERVAL', `CheckpointInterval', `', `the queue file is written anew after this many recipients')dnl
_conf(`confDELIVERY_MODE', `DeliveryMode', `background', `when mail is delivered: background, interactive, queued, deferred')dnl
_conf(`confERROR_MODE', `ErrorMode', `', `how errors are told')dnl
_conf(`confERROR_MESSAGE', `ErrorHeader', `', `text, or a file of text, put before error messages')dnl
_conf(`confSAVE_FROM_LINES', `SaveFromLine', `', `UNIX From lines inside messages are kept')dnl
_conf(`confTEMP_FILE_MODE', `TempFileMode', `0600', `the mode of temporary files')dnl
_conf(`confMATCH_GECOS', `MatchGECOS', `', `a recipient may be a user of full name')dnl
_conf(`confMAX_HOP', `MaxHopCount', `', `hops after which a message is in a loop')dnl
_conf(`confIGNORE_DOTS', `IgnoreDots', `', `a lone dot does not end a message from a terminal')dnl
_conf(`confBIND_OPTS', `ResolverOptions', `', `flags for the name service')dnl
_conf(`confMIME_FORMAT_ERRORS', `SendMimeErrors', `True', `error mail is MIME')dnl
_conf(`confFORWARD_PATH', `ForwardPath', `$z/.forward.$w:$z/.forward', `where .forward files are looked for')dnl
_conf(`confMCI_CACHE_SIZE', `ConnectionCacheSize', `2', `open connections kept')dnl
_conf(`confMCI_CACHE_TIMEOUT', `ConnectionCacheTimeout', `5m', `how long an idle one is kept')dnl
_conf(`confHOST_STATUS_DIRECTORY', `HostStatusDirectory', `', `where the state of other hosts is kept')dnl
_conf(`confSINGLE_THREAD_DELIVERY', `SingleThreadDelivery', `', `one delivery at a time to a host')dnl
_conf(`confUSE_COMPRESSED_IPV6_ADDRESSES', `UseCompressedIPv6Addresses', `', `IPv6 addresses are written with ::')dnl
_conf(`confUSE_ERRORS_TO', `UseErrorsTo', `', `error mail goes to Errors-To:')dnl
_conf(`confLOG_LEVEL', `LogLevel', `9', `how much is logged')dnl
_conf(`confME_TOO', `MeToo', `', `the sender stays in an alias he belongs to')dnl
_conf(`confCHECK_ALIASES', `CheckAliases', `', `the right sides are checked when aliases are built')dnl
_conf(`confOLD_STYLE_HEADERS', `OldStyleHeaders', `True', `blanks may separate addresses in headers')dnl
_conf(`confPRIVACY_FLAGS', `PrivacyOptions', `authwarnings', `what SMTP clients and users may not ask')dnl
_conf(`confCOPY_ERRORS_TO', `PostmasterCopy', `', `who gets copies of error mail')dnl
_conf(`confQUEUE_FACTOR', `QueueFactor', `', `load: mail is queued beyond this curve')dnl
_conf(`confQUEUE_FILE_MODE', `QueueFileMode', `', `the mode of queue files')dnl
_conf(`confDONT_PRUNE_ROUTES', `DontPruneRoutes', `', `source routes are kept whole')dnl
_conf(`confSAFE_QUEUE', `SuperSafe', `True', `mail is on disk before it is answered for')dnl
_conf(`confTO_INITIAL', `Timeout.initial', `', `waiting for: the greeting')dnl
_conf(`confTO_CONNECT', `Timeout.connect', `', `waiting for: a connection')dnl
_conf(`confTO_ICONNECT', `Timeout.iconnect', `', `waiting for: the first connection try')dnl
_conf(`confTO_ACONNECT', `Timeout.aconnect', `', `waiting for: all connection tries together')dnl
_conf(`confTO_HELO', `Timeout.helo', `', `waiting for: HELO or EHLO')dnl
_conf(`confTO_MAIL', `Timeout.mail', `', `waiting for: MAIL')dnl
_conf(`confTO_RCPT', `Timeout.rcpt', `', `waiting for: RCPT')dnl
_conf(`confTO_DATAINIT', `Timeout.datainit', `', `waiting for: DATA')dnl
_conf(`confTO_DATABLOCK', `Timeout.datablock', `', `waiting for: each block of a message')dnl
_conf(`confTO_DATAFINAL', `Timeout.datafinal', `', `waiting for: the dot')dnl
_conf(`confTO_RSET', `Timeout.rset', `', `waiting for: RSET')dnl
_conf(`confTO_QUIT', `Timeout.quit', `', `waiting for: QUIT')dnl
_conf(`confTO_MISC', `Timeout.misc', `', `waiting for: other commands')dnl
_conf(`confTO_COMMAND', `Timeout.command', `', `waiting for: the next command of a client')dnl
_conf(`confTO_IDENT', `Timeout.ident', `', `waiting for: an IDENT answer')dnl
_conf(`confTO_FILEOPEN', `Timeout.fileopen', `', `waiting for: a file being opened')dnl
_conf(`confTO_LHLO', `Timeout.lhlo', `', `waiting for: LHLO')dnl
_conf(`confTO_AUTH', `Timeout.auth', `', `waiting for: a step of AUTH')dnl
_conf(`confTO_STARTTLS', `Timeout.starttls', `', `waiting for: STARTTLS')dnl
_conf(`confTO_CONTROL', `Timeout.control', `', `waiting for: the control socket')dnl
_conf(`confTO_QUEUERETURN', `Timeout.queuereturn', `5d', `age at which mail is returned')dnl
_conf(`confTO_QUEUERETURN_NORMAL', `Timeout.queuereturn.normal', `', `the same for normal mail')dnl
_conf(`confTO_QUEUERETURN_URGENT', `Timeout.queuereturn.urgent', `', `the same for urgent mail')dnl
_conf(`confTO_QUEUERETURN_NONURGENT', `Timeout.queuereturn.non-urgent', `', `the same for mail that has time')dnl
_conf(`confTO_QUEUERETURN_DSN', `Timeout.queuereturn.dsn', `', `the same for delivery reports')dnl
_conf(`confTO_QUEUEWARN', `Timeout.queuewarn', `4h', `age at which the sender is told that mail waits')dnl
_conf(`confTO_QUEUEWARN_NORMAL', `Timeout.queuewarn.normal', `', `the same for normal mail')dnl
_conf(`confTO_QUEUEWARN_URGENT', `Timeout.queuewarn.urgent', `', `the same for urgent mail')dnl
_conf(`confTO_QUEUEWARN_NONURGENT', `Timeout.queuewarn.non-urgent', `', `the same for mail that has time')dnl
_conf(`confTO_QUEUEWARN_DSN', `Timeout.queuewarn.dsn', `', `the same for delivery reports')dnl
_conf(`confTO_HOSTSTATUS', `Timeout.hoststatus', `', `age at which the state of a host is forgotten')dnl
_conf(`confTO_RESOLVER_RETRANS', `Timeout.resolver.retrans', `', `name service: time between tries')dnl
_conf(`confTO_RESOLVER_RETRANS_FIRST', `Timeout.resolver.retrans.first', `', `name service: the same at the first delivery')dnl
_conf(`confTO_RESOLVER_RETRANS_NORMAL', `Timeout.resolver.retrans.normal', `', `name service: the same later')dnl
_conf(`confTO_RESOLVER_RETRY', `Timeout.resolver.retry', `', `name service: number of tries')dnl
_conf(`confTO_RESOLVER_RETRY_FIRST', `Timeout.resolver.retry.first', `', `name service: the same at the first delivery')dnl
_conf(`confTO_RESOLVER_RETRY_NORMAL', `Timeout.resolver.retry.normal', `', `name service: the same later')dnl
_conf(`confTIME_ZONE', `TimeZoneSpec', `', `the time zone: USE_SYSTEM, USE_TZ or one by name')dnl
_conf(`confDEF_USER_ID', `DefaultUser', `', `who runs mailers for nobody in particular')dnl
_conf(`confUSERDB_SPEC', `UserDatabaseSpec', `', `the user database')dnl
_conf(`confFALLBACK_MX', `FallbackMXhost', `', `the host tried after all exchangers')dnl
_conf(`confFALLBACK_SMARTHOST', `FallbackSmartHost', `', `the host tried where there is no exchanger')dnl
_conf(`confTLS_FALLBACK_TO_CLEAR', `TLSFallbacktoClear', `', `a failed TLS handshake is tried again in the clear')dnl
_conf(`confTRY_NULL_MX_LIST', `TryNullMXList', `', `a host that names us as its only exchanger is tried itself')dnl
_conf(`confQUEUE_LA', `QueueLA', `', `load at which mail is only queued')dnl
_conf(`confREFUSE_LA', `RefuseLA', `', `load at which connections are refused')dnl
_conf(`confREJECT_LOG_INTERVAL', `RejectLogInterval', `', `how often refusing is logged')dnl
_conf(`confDELAY_LA', `DelayLA', `', `load at which answers are slowed')dnl
_conf(`confMAX_ALIAS_RECURSION', `MaxAliasRecursion', `', `how deep aliases may nest')dnl
_conf(`confMAX_DAEMON_CHILDREN', `MaxDaemonChildren', `', `how many sessions at once')dnl
_conf(`confMAX_HEADERS_LENGTH', `MaxHeadersLength', `', `the longest header of a message')dnl
_conf(`confMAX_MIME_HEADER_LENGTH', `MaxMimeHeaderLength', `', `the longest MIME header field and parameter')dnl
_conf(`confCONNECTION_RATE_THROTTLE', `ConnectionRateThrottle', `', `connections a second')dnl
_conf(`confCONNECTION_RATE_WINDOW_SIZE', `ConnectionRateWindowSize', `', `the time over which rates are counted')dnl
_conf(`confWORK_RECIPIENT_FACTOR', `RecipientFactor', `', `what a recipient costs in priority')dnl
_conf(`confSEPARATE_PROC', `ForkEachJob', `', `each queued message in its own process')dnl
_conf(`confWORK_CLASS_FACTOR', `ClassFactor', `', `what a Precedence: class is worth')dnl
_conf(`confWORK_TIME_FACTOR', `RetryFactor', `', `what a try costs')dnl
_conf(`confQUEUE_SORT_ORDER', `QueueSortOrder', `', `the order of a queue run')dnl
_conf(`confMAX_QUEUE_AGE', `MaxQueueAge', `', `age beyond which each run tries')dnl
_conf(`confMIN_QUEUE_AGE', `MinQueueAge', `', `age before which no run tries')dnl
_conf(`confDEF_CHAR_SET', `DefaultCharSet', `', `the name of undeclared eight-bit text')dnl
_conf(`confSERVICE_SWITCH_FILE', `ServiceSwitchFile', `', `where hosts and aliases are looked up, in what order')dnl
_conf(`confHOSTS_FILE', `HostsFile', `', `the hosts file')dnl
_conf(`confDIAL_DELAY', `DialDelay', `', `a failed connection is tried again after this')dnl
_conf(`confNO_RCPT_ACTION', `NoRecipientAction', `', `a message without recipients in its header')dnl
_conf(`confSAFE_FILE_ENV', `SafeFileEnvironment', `', `the root under which files are delivered to')dnl
_conf(`confCOLON_OK_IN_ADDR', `ColonOkInAddr', `', `a colon is no list')dnl
_conf(`confMAX_QUEUE_RUN_SIZE', `MaxQueueRunSize', `', `messages a queue run looks at')dnl
_conf(`confMAX_QUEUE_CHILDREN', `MaxQueueChildren', `', `queue runners at once')dnl
_conf(`confMAX_RUNNERS_PER_QUEUE', `MaxRunnersPerQueue', `', `queue runners of one group')dnl
_conf(`confDONT_EXPAND_CNAMES', `DontExpandCnames', `', `an alias in the DNS keeps its name')dnl
_conf(`confFROM_LINE', `UnixFromLine', `From $g $d', `the UNIX From line')dnl
_conf(`confSINGLE_LINE_FROM_HEADER', `SingleLineFromHeader', `', `a From: of several lines becomes one')dnl
_conf(`confALLOW_BOGUS_HELO', `AllowBogusHELO', `', `HELO with a name that is none')dnl
_conf(`confMUST_QUOTE_CHARS', `MustQuoteChars', `', `letters that put a full name into quotes')dnl
_conf(`confOPERATORS', `OperatorChars', `.:%@!^/[]+', `letters that separate tokens of an address')dnl
_conf(`confSMTP_LOGIN_MSG', `SmtpGreetingMessage', `$j Sendmail $v/$Z; $b', `the greeting')dnl
_conf(`confDONT_INIT_GROUPS', `DontInitGroups', `', `other groups of a user are not taken')dnl
_conf(`confUNSAFE_GROUP_WRITES', `UnsafeGroupWrites', `', `files a group may write are unsafe')dnl
_conf(`confCONNECT_ONLY_TO', `ConnectOnlyTo', `', `every connection goes to this address')dnl
_conf(`confCONTROL_SOCKET_NAME', `ControlSocketName', `', `the control socket')dnl
_conf(`confDOUBLE_BOUNCE_ADDRESS', `DoubleBounceAddress', `', `who gets error mail that cannot be returned')dnl
_conf(`confSOFT_BOUNCE', `SoftBounce', `', `permanent errors are temporary')dnl
_conf(`confDEAD_LETTER_DROP', `DeadLetterDrop', `', `the file for what cannot go anywhere')dnl
_conf(`confRRT_IMPLIES_DSN', `RrtImpliesDsn', `', `Return-Receipt-To: asks for a delivery report')dnl
_conf(`confRUN_AS_USER', `RunAsUser', `', `the user the daemon becomes')dnl
_conf(`confMAX_RCPTS_PER_MESSAGE', `MaxRecipientsPerMessage', `', `recipients of a message')dnl
_conf(`confBAD_RCPT_THROTTLE', `BadRcptThrottle', `', `unknown recipients after which answers slow down')dnl
_conf(`confDONT_PROBE_INTERFACES', `DontProbeInterfaces', `', `the names of the interfaces are not ours')dnl
_conf(`confPID_FILE', `PidFile', `', `the pid file of the daemon')dnl
_conf(`confPROCESS_TITLE_PREFIX', `ProcessTitlePrefix', `', `put before process titles')dnl
_conf(`confDONT_BLAME_SENDMAIL', `DontBlameSendmail', `', `unsafe files that are taken all the same')dnl
_conf(`confRCPTREJ_MSG', `', `', `the answer to REJECT for a recipient')dnl
_conf(`confREJECT_NUL', `RejectNUL', `', `a message with a NUL byte is refused')dnl
_conf(`confREJECT_MSG', `', `', `the answer to REJECT in the access map')dnl
_conf(`confRELAY_MSG', `', `', `the answer to who may not relay')dnl
_conf(`confDF_BUFFER_SIZE', `DataFileBufferSize', `', `body kept in memory')dnl
_conf(`confXF_BUFFER_SIZE', `XScriptFileBufferSize', `', `transcript kept in memory')dnl
_conf(`confAUTH_MECHANISMS', `AuthMechanisms', `', `mechanisms offered for AUTH')dnl
_conf(`confAUTH_REALM', `AuthRealm', `', `the realm for AUTH')dnl
_conf(`confDEF_AUTH_INFO', `DefaultAuthInfo', `', `the file of the secrets of a client')dnl
_conf(`confAUTH_OPTIONS', `AuthOptions', `', `how AUTH is offered')dnl
_conf(`confAUTH_MAX_BITS', `AuthMaxBits', `', `the strongest layer of AUTH')dnl
_conf(`confTLS_SRV_OPTIONS', `TLSSrvOptions', `', `whether the certificate of a client is asked for')dnl
_conf(`confSERVER_SSL_OPTIONS', `ServerSSLOptions', `', `TLS flags as a server')dnl
_conf(`confCLIENT_SSL_OPTIONS', `ClientSSLOptions', `', `TLS flags as a client')dnl
_conf(`confCIPHER_LIST', `CipherList', `', `ciphers')dnl
_conf(`confLDAP_DEFAULT_SPEC', `LDAPDefaultSpec', `', `defaults of LDAP maps')dnl
_conf(`confCACERT_PATH', `CACertPath', `', `the folder of certificates of authorities')dnl
_conf(`confCACERT', `CACertFile', `', `the file of certificates of authorities')dnl
_conf(`confSERVER_CERT', `ServerCertFile', `', `our certificate as a server')dnl
_conf(`confSERVER_KEY', `ServerKeyFile', `', `its key')dnl
_conf(`confCLIENT_CERT', `ClientCertFile', `', `our certificate as a client')dnl
_conf(`confCLIENT_KEY', `ClientKeyFile', `', `its key')dnl
_conf(`confCRL', `CRLFile', `', `revoked certificates: file')dnl
_conf(`confCRL_PATH', `CRLPath', `', `revoked certificates: folder')dnl
_conf(`confDH_PARAMETERS', `DHParameters', `', `parameters for Diffie-Hellman')dnl
_conf(`confDANE', `DANE', `', `certificates in the DNS')dnl
_conf(`confRAND_FILE', `RandFile', `', `where randomness comes from')dnl
_conf(`confCERT_FINGERPRINT_ALGORITHM', `CertFingerprintAlgorithm', `', `the hash of fingerprints')dnl
_conf(`confSSL_ENGINE', `SSLEngine', `', `the engine of OpenSSL')dnl
_conf(`confSSL_ENGINE_PATH', `SSLEnginePath', `', `its library')dnl
_conf(`confNICE_QUEUE_RUN', `NiceQueueRun', `', `queue runs are nice')dnl
_conf(`confDIRECT_SUBMISSION_MODIFIERS', `DirectSubmissionModifiers', `', `daemon flags for mail from the command line')dnl
_conf(`confUSE_MSP', `UseMSP', `', `this is the submission program')dnl
_conf(`confDELIVER_BY_MIN', `DeliverByMin', `', `the least time of DELIVERBY')dnl
_conf(`confREQUIRES_DIR_FSYNC', `RequiresDirfsync', `', `folders are synced too')dnl
_conf(`confSHARED_MEMORY_KEY', `SharedMemoryKey', `', `the key of shared memory')dnl
_conf(`confSHARED_MEMORY_KEY_FILE', `SharedMemoryKeyFile', `', `the file it is written to')dnl
_conf(`confFAST_SPLIT', `FastSplit', `', `envelopes are split before hosts are looked up')dnl
_conf(`confMAILBOX_DATABASE', `MailboxDatabase', `', `where users are known')dnl
_conf(`confDEQUOTE_OPTS', `', `', `options of the map dequote')dnl
_conf(`confMAX_NOOP_COMMANDS', `MaxNOOPCommands', `', `commands without use before answers slow down')dnl
_conf(`confHELO_NAME', `HeloName', `', `the name given in HELO')dnl
_conf(`confINPUT_MAIL_FILTERS', `InputMailFilters', `', `the milters that are asked, in order')dnl
_conf(`confMILTER_LOG_LEVEL', `Milter.LogLevel', `', `how much milters log')dnl
_conf(`confMILTER_MACROS_CONNECT', `Milter.macros.connect', `', `macros for milters: connection')dnl
_conf(`confMILTER_MACROS_HELO', `Milter.macros.helo', `', `macros for milters: HELO')dnl
_conf(`confMILTER_MACROS_ENVFROM', `Milter.macros.envfrom', `', `macros for milters: MAIL')dnl
_conf(`confMILTER_MACROS_ENVRCPT', `Milter.macros.envrcpt', `', `macros for milters: RCPT')dnl
_conf(`confMILTER_MACROS_EOM', `Milter.macros.eom', `', `macros for milters: end of message')dnl
_conf(`confMILTER_MACROS_EOH', `Milter.macros.eoh', `', `macros for milters: end of header')dnl
_conf(`confMILTER_MACROS_DATA', `Milter.macros.data', `', `macros for milters: DATA')dnl
_conf(`confEBINDIR', `', `', `where mail.local and smrsh are')dnl
