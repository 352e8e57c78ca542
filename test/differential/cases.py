"""Seeded cases of every kind: what is made depends on the seed and the number of the case only, so that each can be made again alone."""
import os, random, re, sys

HERE = os.path.dirname(os.path.abspath(__file__)); GOLDEN = os.path.join(HERE, '..', 'golden'); sys.path.insert(0, GOLDEN)
import options, trees, variants, world

CONFIGS = ('antispam', 'campus', 'dialup', 'dialup0', 'edge', 'groups', 'hub', 'hub2', 'inet', 'masq', 'masq2', 'msp', 'null', 'old', 'relayv', 'sasl', 'trade', 'uucp')   # campus, edge, groups, hub2, masq2, old, relayv, trade: cf here; the others: golden's
USERS = ('joe', 'eric', 'paul', 'root', 'postmaster', 'MAILER-DAEMON', 'nosuch', 'Joe', 'localuser', 'joe+detail', 'Mary.Smith', 'owner-list', 'abuse', 'x', '')
CLIENTS = ('127.0.0.1', '192.0.2.25', '192.0.2.21', '198.51.100.7', '198.51.100.9', '10.1.2.3')
MARKS = '@%!<>()":;,\\.[] \t=+-|/$*~\'`{}&#0aZ\u00e9'


def names(cf):
    """Local and domain parts that the zone and the configuration's own tables know."""
    hosts = {'mail.example.com', 'example.com', 'localhost', 'nosuch.example', 'sub.example.com', 'mumble', '[192.0.2.1]', '[192.0.2.25]', '[10.0.0.1', '[IPv6:2001:db8::7]', 'ucbvax.UUCP', 'two.example.'}
    users = set(USERS)
    random_order = ('equal.example',)   # two hosts of one preference: sendmail, too, begins with this one or that
    with open(os.path.join(GOLDEN, 'zone.txt')) as f:
        for line in f:
            word = line.split()[:1]
            if word and re.fullmatch(r'[a-z0-9.-]*[a-z][a-z0-9.-]*', word[0]) and 'arpa' not in word[0]: hosts.add(word[0].rstrip('.'))
    folder = next(f for f in (os.path.join(GOLDEN, 'cf', cf), os.path.join(HERE, 'cf', cf)) if os.path.isdir(f))
    for name in os.listdir(folder):
        if name not in ('aliases', 'access', 'mailertable', 'virtusertable', 'genericstable', 'domaintable', 'local-host-names', 'relay-domains'): continue
        with open(os.path.join(folder, name), errors='replace') as f: lines = f.readlines()
        for line in lines:
            key = re.split(r'[\s:]', line)[0] if name == 'aliases' else line.split('\t')[0].strip()
            if line[:1] in '# \t\n' or not key: continue
            if name == 'aliases': users.add(key); continue
            user, _, host = key.split(':')[-1].rpartition('@')
            if user: users.add(user)
            if host and ' ' not in host: hosts.add(host)
    return sorted(users), sorted(hosts.difference(random_order))


class Maker:
    def __init__(self, cf): self.cf = cf; self.users, self.hosts = names(cf); self.own = world.HOSTS.get(cf, 'mail.example.com')

    def address(self, r, wild=0.35):
        """An address as somebody may write it; with probability `wild` one that nobody should."""
        user, host, other, third = r.choice(self.users), r.choice(self.hosts), r.choice(self.hosts), r.choice(self.hosts)
        a = r.choice((user, *['%s@%s' % (user, host)] * 3, '<%s@%s>' % (user, host), '%s!%s' % (host, user), '%s!%s!%s' % (host, other, user), '%s%%%s@%s' % (user, host, other), '@%s:%s@%s' % (other, user, host),
                      '@%s,@%s:%s@%s' % (other, third, user, host), '"%s"@%s' % (user, host), '%s (a comment)@%s' % (user, host), 'Full Name <%s@%s>' % (user, host), '\\%s@%s' % (user, host)))
        if r.random() < wild:
            for _ in range(r.randrange(1, 4)):
                at = r.randrange(len(a) + 1); a = a[:at] + r.choice((r.choice(MARKS), '')) + a[at + r.randrange(2):]
        return a if r.random() < 0.9 else ''.join(c.swapcase() if c.isascii() else c for c in a)   # another case of \u00e9 has a byte that is a macro to sendmail

    def bt(self, r):
        a = self.address(r); kind = r.randrange(10)
        if kind < 6: return {'in': ['3,0 ' + a]}
        if kind == 6: return {'in': ['/parse ' + a]}
        if kind == 7: return {'in': ['/tryflags ' + r.choice(('HS', 'HR', 'ES', 'ER')), '/try %s %s' % (r.choice(('local', 'esmtp', 'relay', 'prog')), a)]}
        return {'in': ['%s %s' % (r.choice(('check_mail', 'check_rcpt', 'check_relay')), a)]}

    def bv(self, r): return {'args': ['-bv'] + r.choice(([], [], ['-v'])) + [self.address(r, 0.2) for _ in range(r.choice((1, 1, 2)))]}

    def path(self, r):
        a = self.address(r, 0.15); k = r.random()
        if ',' in a and k < 0.1: k = 1   # without brackets sendmail takes a route apart where it makes a report (doc/differences.md)
        return a if k < 0.1 else '<>' if k < 0.15 else '<%s>' % a.strip('<>')

    def named(self, r):
        """An address for a header: DNS knows its names, or knows that there is none; where it fails for now sendmail keeps the message back, ours goes out (doc/differences.md)."""
        while True:
            a = self.address(r, 0.15)
            if not any(name in a.lower() for name in variants.UNSURE): return a

    def message(self, r):
        """Header and text, a list of lines."""
        head = ['Subject: test %d' % r.randrange(100)]
        for name, p in (('From', 0.6), ('To', 0.6), ('Cc', 0.3), ('Bcc', 0.15), ('Reply-To', 0.15), ('Sender', 0.1), ('Resent-To', 0.07), ('Errors-To', 0.05 * (self.cf != 'hub2')), ('Return-Receipt-To', 0.05)):
            if r.random() < p: head.append('%s: %s' % (name, ', '.join(self.named(r) for _ in range(r.choice((1, 1, 2))))))
        for line, p in (('MIME-Version: 1.0', 0.2), ('Content-Type: text/plain; charset=utf-8', 0.2), ('Precedence: bulk', 0.1), ('Priority: urgent', 0.05), ('X-Empty:', 0.1), ('Full-Name: Somebody', 0.1), ('Date: Tue, 1 Apr 2025 10:00:00 +0900', 0.3)):
            if r.random() < p: head.append(line)
        r.shuffle(head)
        return head + [''] + [r.choice(('hello', '', '.dot', 'From here', 'x' * 1100, 'caf\u00e9', '~', 'a b c')) for _ in range(r.randrange(5))]

    def smtp(self, r):
        steps = [r.choice(('EHLO client.example', 'EHLO client.example', 'HELO client.example', 'EHLO', 'EHLO [192.0.2.9]', 'NOOP'))]
        for _ in range(r.randrange(1, 3)):
            param = r.choice(('', '', '', ' SIZE=1000', ' BODY=8BITMIME', ' RET=HDRS ENVID=abc+2Bd', ' RET=FULL', ' AUTH=<>', ' X=y', ' SIZE=x', ' BODY=BINARY', ' BY=120;R'))
            if any(word in param and any(word in s for s in steps if isinstance(s, str)) for word in ('RET=', 'AUTH=')): param = ''   # what a refused MAIL had is "duplicate" to sendmail (doc/differences.md)
            steps.append('MAIL FROM:%s%s' % (self.path(r), param))
            for _ in range(r.choice((1, 1, 2, 3))):
                steps.append('RCPT TO:%s%s' % (self.path(r), r.choice(('', '', '', ' NOTIFY=SUCCESS,FAILURE', ' NOTIFY=NEVER', ' NOTIFY=NEVER,DELAY', ' ORCPT=rfc822;joe+40x', ' ORCPT=joe', ' Y'))))
            if r.random() < 0.3:
                odd = ('RSET', 'NOOP x', 'VRFY ' + self.address(r), 'EXPN ' + r.choice(self.users), 'HELP', 'HELP MAIL', 'ETRN ' + r.choice(self.hosts), 'XYZZY', 'mail from:x', 'DATA x', 'RCPT', 'MAIL', 'AUTH', 'VRFY', 'EHLO again')   # VERB: doc/differences.md
                at = r.randrange(1, len(steps) + 1)
                steps.insert(at - (steps[at - 1] == 'DATA'), r.choice(odd))   # what comes behind DATA is the message
            if r.random() < 0.7: steps += ['DATA', {'msg': '\r\n'.join('.' + l if l.startswith('.') else l for l in self.message(r))}]
        options = r.choice((['-ODeliveryMode=i'], ['-ODeliveryMode=i'], []))   # []: in the background, where another group's members wait (doc/differences.md)
        return {'client': r.choice(CLIENTS), 'steps': steps, 'options': options if self.cf != 'groups' else ['-ODeliveryMode=i']}

    def cli(self, r):
        args = []
        for words, p in ((['-t'], 0.4), (['-i'], 0.3), (['-oi'], 0.1), (['-odi'], 0.3), (['-odq'], 0.15), (['-f', 'somebody@remote.example'], 0.2), (['-f' + r.choice([u for u in self.users if u != 'mixed' and '<@>' not in u])], 0.1), (['-F', 'A Name'], 0.15), (['-N', 'failure'], 0.1),
                         (['-R', 'hdrs'], 0.05), (['-V', 'env1'], 0.05), (['-h', str(r.choice((0, 5, 24) if self.cf not in LOW_HOPS else (0, 5)))], 0.1), (['-oem'], 0.1), (['-oep'], 0.05), (['-oeq'], 0.05), (['-oew'], 0.05), (['-B', '7BIT'], 0.05), (['-G'], 0.05),
                         (['-p', 'ESMTP:client'], 0.05), (['-v'], 0.05), (['-n'], 0.05), (['-m'], 0.05), (['-s'], 0.03), (['-L', 'tag'], 0.03)):
            if r.random() < p: args += words
        if '-t' not in args or r.random() < 0.2: args += [self.address(r, 0.15) or 'joe' for _ in range(r.choice((1, 1, 2)))]
        # a report to an alias of several queue groups is delivered whole (doc/differences.md): not to mixed
        # -h above MaxHopCount is its report's too in sendmail (doc/differences.md).
        # msp hands over by SMTP to the daemon beside it; without one sendmail's waits in a queue of its own, ours goes out at once (doc/differences.md)
        return {'daemon': self.cf == 'msp', 'steps': [{'argv0': 'sendmail', 'args': args, 'stdin': '\n'.join(self.message(r)) + r.choice(('\n', '\n', '')), 'user': 'root'}]}


LOW_HOPS = ('trade', 'hub2')   # their MaxHopCount is below 24
MAKERS = {}


def maker(cf):
    if cf not in MAKERS: MAKERS[cf] = Maker(cf)
    return MAKERS[cf]


def case(kind, seed, number):
    """(configuration, case): a function of its arguments. The configurations take turns; what is like a golden record is more often in the records' own."""
    r = random.Random('%s %d %d' % (kind, seed, number)); cf = CONFIGS[number % len(CONFIGS)]
    if kind == 'files': return 'inet', trees.case(r)
    of, _, how = kind.partition('-')
    if how == 'options' and r.random() < 0.5: return cf, getattr(options, of)(getattr(maker(cf), of)(r), r, cf)
    if not how: return cf, getattr(maker(cf), kind)(r)
    if r.random() < 0.3 or cf == 'msp' and of == 'smtp': cf = 'inet'
    made = getattr(variants, of)(maker(cf), r)
    return cf, getattr(options, of)(made, r, cf) if how == 'options' else made
