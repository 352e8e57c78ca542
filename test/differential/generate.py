"""Random questions for the differential test: addresses in all their corners, SMTP dialogues, command lines. All from one seeded Random."""
USERS = ['joe', 'eric', 'paul', 'localuser', 'postmaster', 'nobody.here', 'root', 'MAILER-DAEMON', 'a.b', 'joe+detail', 'Joe', 'owner-list', '\\joe', '"joe user"', '"a@b"', 'x' * 60, '*', '', 'tab']
HOSTS = ['mail.example.com', 'example.com', 'MAIL.Example.COM', 'mumble', 'mumble.example.com', 'foo', 'example.net', 'relay.example.net', 'two.example', 'equal.example', 'nomx.example', 'self.example',
         'selfa.example', 'backupmx.example', 'nullmx.example', 'alias.example', 'chain.example', 'dangling.example', 'mxcname.example', 'servfail.example', 'nowhere.example', 'a.wild.example', 'example.org',
         'bsd.home', 'localhost', 'cyberspammer.com', 'okay.cyberspammer.com', 'virt.example', 'virt2.example', 'corp.example', 'dept.example.org', 'horus.UUCP', 'if-bus.UUCP', 'x.heep.sax.de',
         '[192.0.2.25]', '[127.0.0.1]', '[300.1.2.3]', '[IPv6:::1]', '192.0.2.25', 'a..b', '.example.com', 'example.com.', '-x.example', 'under_score.example', 'com', '']
WORDS = USERS + HOSTS + ['@', '!', '%', ':', '<', '>', '(', ')', '"', '\\', ',', ';', '.', '|', '/', ' ', '(a comment)', 'ü']


def address(r):
    u, h, g = r.choice(USERS), r.choice(HOSTS), r.choice(HOSTS)
    kind = r.random()
    if kind < .40: return '%s@%s' % (u, h)
    if kind < .48: return u
    if kind < .56: return '%s%%%s@%s' % (u, h, g)
    if kind < .64: return '%s!%s' % (h, u)
    if kind < .69: return '%s!%s!%s' % (h, g, u)
    if kind < .74: return '%s!%s@%s' % (h, u, g)
    if kind < .79: return '@%s:%s@%s' % (g, u, h)
    if kind < .83: return '%s@%s (%s)' % (u, h, r.choice(USERS))
    if kind < .87: return 'Some One <%s@%s>' % (u, h)
    if kind < .90: return '%s@%s@%s' % (u, h, g)
    return ''.join(r.choice(WORDS) for _ in range(r.randint(1, 7)))


def path(r):
    a = address(r); return a if r.random() < .1 else '<%s>' % a


def line(r):
    k = r.random()
    if k < .30: return 'RCPT TO:' + path(r) + r.choice(['', '', '', ' NOTIFY=SUCCESS,FAILURE', ' NOTIFY=NEVER', ' ORCPT=rfc822;joe', ' NOTIFY=NEVER,DELAY', ' FOO=1'])
    if k < .48: return 'MAIL FROM:' + (r.choice(['<>', '<joe@example.net>', '<joe>']) if r.random() < .4 else path(r)) + r.choice(['', '', '', ' SIZE=1000', ' BODY=8BITMIME', ' RET=FULL ENVID=x', ' BODY=FOO', ' AUTH=<>', ' SIZE=x'])
    if k < .56: return r.choice(['EHLO', 'HELO', 'ehlo']) + r.choice(['', ' ', ' x.example', ' mail.example.com', ' [192.0.2.7]', ' a b', ' ' + r.choice(HOSTS)])
    if k < .64: return 'VRFY ' + path(r)
    if k < .72: return 'EXPN ' + path(r)
    if k < .80: return r.choice(['RSET', 'RSET x', 'NOOP', 'NOOP x', 'HELP', 'VERB', 'ETRN', 'ETRN example.com', 'ETRN @example.com', 'ETRN #x'])
    if k < .90: return r.choice(['DATA', 'MAIL', 'RCPT', 'MAIL FROM', 'RCPT FROM:<joe>', 'MAIL TO:<joe>', 'mail from: joe', 'FOO', '', 'AUTH', 'AUTH FOO', 'BDAT 1', 'QUIT x'][1:])
    return ''.join(r.choice(WORDS) for _ in range(r.randint(1, 4)))


def dialogue(r): return (['EHLO x.example'] if r.random() < .8 else []) + [line(r) for _ in range(r.randint(3, 14))]


def command(r):
    """(arguments, standard input): nothing is delivered, so that answers are all there is to compare."""
    pick = r.random()
    if pick < .5: return ['-bv'] + r.sample(['-v', '-i', '-n', '-f', 'joe@example.net'], 0) + [address(r) for _ in range(r.randint(1, 3))], ''
    args = ['-odq']
    for _ in range(r.randint(0, 4)):
        args += r.choice([['-i'], ['-oi'], ['-f', address(r)], ['-r', 'joe'], ['-F', 'Full Name'], ['-N', 'never'], ['-N', 'success,delay'], ['-N', 'foo'], ['-R', 'hdrs'], ['-R', 'foo'], ['-V', 'id'], ['-h', '3'], ['-t'], ['-n'],
                          ['-om'], ['-oem'], ['-oep'], ['-oeq'], ['-B', '8BITMIME'], ['-B', 'x'], ['-G'], ['-U'], ['-p', 'UUCP:x'], ['-O', 'MaxHopCount=5'], ['-O', 'NoSuchOption=1'], ['-q!'], ['-Z'], ['-bZ']])
    head = ''.join(r.choice(['To: %s\n', 'Cc: %s\n', 'Bcc: %s\n', 'From: %s\n', 'Resent-To: %s\n', 'Subject: %s\n']) % address(r) for _ in range(r.randint(0, 4)))
    return args + [address(r) for _ in range(r.randint(0, 2))], head + '\nthe text\n.\nafter the dot\n'
