"""Command lines and dialogues with options of sendmail.cf set by -O, one or two at a time: each option that may be seen from outside, with values of its kind.
Three sets name what is left out, and why."""
import os, re

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'src', 'cf', 'options.def')
NOTHING_TO_SEE = {'AliasWait', 'CheckpointInterval', 'TempFileMode', 'QueueFileMode', 'SuperSafe', 'ForkEachJob', 'ProcessTitlePrefix', 'DataFileBufferSize', 'XscriptFileBufferSize', 'MaxQueueChildren', 'MaxRunnersPerQueue', 'NiceQueueRun',
                  'SharedMemoryKey', 'SharedMemoryKeyFile', 'RequiresDirfsync', 'UseMSP', 'LogLevel', 'RejectLogInterval', 'UnsafeGroupWrites', 'MaxQueueAge', 'RandFile', 'LDAPDefaultSpec', 'MailboxDatabase', 'DialDelay', 'DontProbeInterfaces'}
DIFFERENT = {'QueueDirectory', 'StatusFile', 'HostStatusDirectory', 'SingleThreadDelivery', 'RunAsUser', 'SafeFileEnvironment', 'ControlSocketName', 'DeadLetterDrop', 'ConnectionCacheSize', 'ConnectionCacheTimeout', 'QueueLA', 'RefuseLA', 'DelayLA',
             'MaxDaemonChildren', 'ConnectionRateThrottle', 'ConnectionRateWindowSize', 'UseErrorsTo', 'MeToo', 'MaxQueueRunSize', 'QueueSortOrder', 'DontInitGroups', 'AuthMaxBits', 'InputMailFilters', 'Milter', 'SmtpUTF8',
             'StrictTransportSecurity', 'DefaultAuthInfo', 'SetCertAltnames'}   # doc/differences.md, src/admin/differences.def
OTHER_WORLD = {'PidFile', 'DontBlameSendmail', 'DaemonPortOptions', 'ClientPortOptions', 'ServiceSwitchFile', 'HostsFile', 'TimeZoneSpec', 'ResolverOptions', 'DirectSubmissionModifiers', 'AuthMechanisms', 'AuthRealm', 'AuthOptions', 'QueueTimeout',
               'DefaultUser', 'TrustedUser', 'HelpFile', 'UseCompressedIPv6Addresses'}   # values of theirs need files, ports, users or clients that the cases have not
TLS = re.compile('Cert|CRL|Cipher|DHParam|SSL|TLS')
OF_KIND = {'Flag': ('True', 'False'), 'Number': ('0', '1', '2', '3', '10', '500'), 'Time': ('0', '1s', '1m', '1h', '5d')}
VALUES = {
    'EightBitMode': ('m', 'p', 's'), 'AliasFile': ('/etc/mail/aliases', 'hash:/etc/mail/aliases', '/etc/mail/nosuch'), 'BlankSub': ('.', '_', '!'), 'MinFreeBlocks': ('0', '1', '1000000000000'),
    'DeliveryMode': ('i', 'b', 'q', 'd', 'interactive'), 'ErrorHeader': ('Some words', 'Of $j, for $f', '/etc/mail/nosuch', '/etc/mail/local-host-names'), 'ErrorMode': tuple('pqmew'), 'MaxHopCount': ('1', '2', '24', '100'),
    'ForwardPath': ('', '$z/.forward', '/etc/mail/$u.fwd', '$z/.forward.$w:$z/.forward+$h:$z/.forward'), 'PrivacyOptions': ('public', 'goaway', 'needmailhelo', 'noexpn,novrfy', 'authwarnings', 'noreceipts', 'nobodyreturn', 'restrictmailq', 'restrictqrun', 'noetrn', 'noverb', 'restrictexpand'),
    'PostmasterCopy': ('paul', 'postmaster', 'nosuch', 'copy@remote.example'), 'UserDatabaseSpec': ('', '/etc/mail/userdb', '/etc/mail/nosuch'), 'FallbackMXhost': ('relay.example.net', 'nosuch.example', '[192.0.2.30]', 'two.example'),
    'DefaultCharSet': ('iso-8859-1', 'utf-8'), 'NoRecipientAction': ('none', 'add-to', 'add-apparently-to', 'add-bcc', 'add-to-undisclosed'), 'MaxMessageSize': ('0', '1', '100', '1000000'), 'MustQuoteChars': ('@', '@,;', '@.'),
    'SmtpGreetingMessage': ('$j ready', '$j Sendmail $v; $b', 'plain'), 'UnixFromLine': ('From $g $d', 'From $f  x', 'From nobody'), 'OperatorChars': ('.:%@!^/[]+', '.:@[]'), 'DoubleBounceAddress': ('', 'paul', 'nosuch', 'x@remote.example'),
    'MaxAliasRecursion': ('1', '2', '3', '10'), 'ConnectOnlyTo': ('192.0.2.30', '192.0.2.25', '127.0.0.1'), 'MaxMimeHeaderLength': ('0', '20', '100/50', '256/128'), 'MaxHeadersLength': ('0', '50', '300', '32768'),
    'FallbackSmartHost': ('relay.example.net', 'nosuch.example', '[192.0.2.30]'), 'HeloName': ('other.example', ''), 'FastSplit': ('0', '1', '2'), 'DeliverByMin': ('0', '60s', '1h'), 'RetryFactor': ('0', '1'), 'ClassFactor': ('0', '1', '5000'), 'RecipientFactor': ('0', '1', '99999'), 'QueueFactor': ('0', '1')}


def swept():
    """[(Name, values)] of the options of sendmail 8.17, in their order."""
    with open(TABLE) as f: known = re.findall(r'^HKY_OPTION\(\w+, (\w+), [^,]+, (\w+),', f.read(), re.M)
    return [(name, VALUES.get(name) or OF_KIND[kind]) for name, kind in known if name not in NOTHING_TO_SEE | DIFFERENT | OTHER_WORLD and not TLS.search(name) and (name in VALUES or kind in OF_KIND)]


SWEPT = swept()
TIMEOUTS = ('queuereturn', 'queuewarn', 'queuereturn.normal', 'queuereturn.urgent', 'queuereturn.non-urgent', 'queuereturn.dsn', 'queuewarn.normal', 'queuewarn.dsn', 'hoststatus', 'connect', 'iconnect', 'initial', 'mail', 'command')


def some(r, left_out=()):
    """One option or two, as arguments."""
    def one():
        if r.random() < 0.06: return '-OTimeout.%s=%s' % (r.choice(TIMEOUTS), r.choice(('1s', '1h', '5d')))
        name, values = r.choice([o for o in SWEPT if o[0] not in left_out])
        return '-O%s=%s' % (name, r.choice(values))
    args = [one() for _ in range(r.choice((1, 1, 2)))]
    return args if len({a.partition('=')[0] for a in args}) == len(args) else args[:1]


def smtp(case, r, cf):
    """A dialogue, with a daemon that has these options; over pipes, with a command that has. Verbose: a command's (admin/differences.def)."""
    if case['client'].startswith('-'): return dict(case, client=' '.join([case['client']] + [a for a in some(r, ('Verbose',)) if ' ' not in a]))
    return dict(case, options=(case.get('options') or []) + some(r, ('Verbose',)))


def left_out(case, cf):
    """msp: what waits does so in a queue of its own; -h above MaxHopCount is its report's, too; what a cut header has is lost to -t and reports (doc/differences.md)."""
    hops = any(a.startswith('-h') for s in case['steps'] for a in s['args'])
    return ('MaxHeadersLength',) + ('DeliveryMode',) * (cf == 'msp') + ('MaxHopCount',) * hops


def cli(case, r, cf):
    """Command lines, of which those that are sendmail's have these options."""
    args = some(r, left_out(case, cf))
    if any(before in ('-f', '-r') and ' ' in a for s in case['steps'] for before, a in zip(s['args'], s['args'][1:])): args = []   # whose report goes to each word (doc/differences.md)
    for s in case['steps']:
        if s['argv0'] == 'sendmail': s['args'] = args + s['args']
    if r.random() < 0.25 and not case.get('daemon') and not any('-n' in s['args'] for s in case['steps']): case['steps'].append({'argv0': 'sendmail', 'args': args + ['-v', '-q'], 'stdin': '', 'user': 'root'})
    return case
