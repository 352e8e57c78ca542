"""Golden dialogues and command lines with other names: what a record does is kept, the addresses, parameters, messages, client, options, user and configuration
are others that the same world knows. Seeded like cases.py."""
import copy, glob, json, lzma, os, re

OPEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'golden', 'open')
PATH = re.compile(r'^((?:MAIL|RCPT)\s+(?:FROM|TO)\s*:\s*)(<.*?>(?=\s|$)|\S+)?(.*)$', re.I)


def records(kind):
    out = []
    for path in sorted(glob.glob('%s/%s-*.jsonl.xz' % (OPEN, kind))):
        with lzma.open(path, 'rt') as f: out += [json.loads(line) for line in f]
    return out


class Pools:
    """What the records say, apart."""
    def __init__(self):
        self.smtp = [r for r in records('smtp') if r['family'] not in ('rate', 'conn')]; self.cli = records('cli')
        take = lambda verb, part: sorted({m[part] for r in self.smtp for s in r['steps'] if isinstance(s, str) and s[:4].upper() == verb for m in [PATH.match(s)] if m and m[part]})
        self.mail, self.rcpt, self.mail_params, self.rcpt_params = take('MAIL', 2), take('RCPT', 2), take('MAIL', 3), take('RCPT', 3)
        self.msgs = sorted({s['msg'] for r in self.smtp for s in r['steps'] if isinstance(s, dict) and 'msg' in s})
        self.clients = sorted({r['client'] for r in self.smtp if r['client'][0] != '-'})
        steps = [s for r in self.cli for s in r['steps'] if s['argv0'] == 'sendmail']
        self.options = sorted({a for s in steps for a in s['args'] if re.match(r'-(o|O|N|R|V|B|p|G|n|h|v|i|t|F|A|U|d)', a) and a not in ('-R', '-F', '-f', '-r', '-o', '-O') and 'QueueDirectory' not in a and a != '-OMaxHopCount=0'})   # reports, too, have too many hops by the last (doc/differences.md)
        self.stdin = sorted({s['stdin'] for s in steps if s['stdin'] and not s['stdin'].startswith(('EHLO', 'HELO', 'MAIL'))})


POOLS = None


def pools():
    global POOLS
    POOLS = POOLS or Pools()
    return POOLS


def address(maker, r, known):
    """A path: one of the records', or one of the configuration's own names."""
    k = r.random()
    if k < 0.5: return r.choice(known)
    if k < 0.6: return maker.path(r)
    user, host = r.choice(maker.users), r.choice(maker.hosts)
    return '<%s>' % r.choice((user, '%s@%s' % (user, host), '%s@%s' % (user, host), '%s@%s' % (user, r.choice(('mail.example.com', 'remote.example', 'two.example', maker.own)))))


UNSURE = ('servfail', '69.100.51.198.bl', 'quarantine.example.rhs')   # a message with these in its header is kept back by sendmail, sent by ours (doc/differences.md)


def header_address(maker, r):
    """As in Maker.named(): one whose names DNS can answer for."""
    while True:
        a = address(maker, r, pools().rcpt).strip('<>')
        if not any(name in a.lower() for name in UNSURE): return a


def sender(maker, r, known):
    """For -f: mailq shows one whose brackets are not closed as it was written, ours as it was mended; of one that DNS cannot answer for his report says so again and again, and of several words each is told (doc/differences.md)."""
    while True:
        a = address(maker, r, known).strip('<>')
        if not any(name in a.lower() for name in UNSURE) and not re.match(r'[^("<]+ ', a) and a.count('<') == a.count('>') and a.count('(') == a.count(')') and a.count('"') % 2 == 0 and '<@>' not in a: return a


def other_message(maker, r, text, sep):
    """The message with some addresses of its header others."""
    head, mark, body = text.partition(sep * 2); lines = []
    for line in head.split(sep):
        name, colon, value = line.partition(':')
        if colon and name.lower() in ('from', 'to', 'cc', 'bcc', 'sender', 'reply-to', 'resent-to', 'resent-from', 'resent-cc', 'resent-bcc', 'return-receipt-to', 'errors-to', 'apparently-to') and r.random() < 0.4:
            line = '%s: %s' % (name, ', '.join(r.choice(('%s', '%s', '%s', 'A Name <%s>', '%s (remark)')) % header_address(maker, r) for _ in range(r.choice((1, 1, 2)))))
        elif name == 'Subject' and r.random() < 0.3: line = 'Subject: ' + r.choice(('other words', '', 'x' * 200, '=?utf-8?q?caf=C3=A9?=', 'two  blanks'))
        lines.append(line)
    extra = ('X-Mailer: something', 'Precedence: junk', 'Precedence: list', 'Priority: non-urgent', 'MIME-Version: 1.0', 'Content-Type: text/plain; charset=iso-8859-1', 'Content-Transfer-Encoding: 8bit', 'Return-Path: <old@remote.example>', 'Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000',
             'Full-Name: Some Body', 'Comments: (unbalanced', 'Message-Id: <twice@remote.example>', 'Cc: eric', 'Bcc: paul', 'Reply-To: x@two.example', 'Sender: alice', 'Return-Receipt-To: joe', 'Errors-To: bob', 'Disposition-Notification-To: joe', 'Delivered-To: joe', 'Resent-To: alice', 'Resent-Date: Mon, 1 Jan 2024 00:00:00 +0000')
    if mark and r.random() < 0.25: lines.insert(r.randrange(len(lines) + 1), r.choice(extra))
    if mark and r.random() < 0.08: lines = [l for l in lines if l.partition(':')[0] != r.choice(('From', 'To', 'Date', 'Message-Id', 'Subject'))]
    more = r.choice(('caf\u00e9', '..', 'From the start', 'x' * 1200, '', '\t', '.x', 'From: not a header'))
    if mark and r.random() < 0.12: body += more + sep if body.endswith(sep) else sep + more
    return sep.join(lines) + mark + body


def smtp(maker, r):
    p = pools(); c = copy.deepcopy(r.choice(p.smtp)); known = {}
    case = {k: c[k] for k in ('client', 'options', 'steps', 'greet', 'end') if k in c}; case['like'] = '%(cf)s %(family)s %(name)s' % c
    if c['client'][0] != '-' and r.random() < 0.4: case['client'] = r.choice(p.clients)
    if r.random() < 0.3 and case['client'][0] != '-': case['options'] = [] if case['options'] else ['-ODeliveryMode=i']
    for i, step in enumerate(case['steps']):
        if isinstance(step, dict):
            if 'msg' in step:
                if r.random() < 0.3: step['msg'] = r.choice(p.msgs)
                step['msg'] = other_message(maker, r, step['msg'], '\r\n')
            continue
        m = PATH.match(step)
        if m and step[:4].upper() in ('MAIL', 'RCPT'):
            mail = step[:4].upper() == 'MAIL'; path, params = m[2] or '', m[3]
            if path and r.random() < 0.6: path = known.setdefault(path, address(maker, r, [a for a in p.mail if '<@>' not in a] if mail else p.rcpt))   # an empty route in it (doc/differences.md)
            if r.random() < 0.15: params = r.choice(p.mail_params if mail else p.rcpt_params)
            case['steps'][i] = m[1] + path + params
        elif re.match(r'(VRFY|EXPN|ETRN) ', step) and r.random() < 0.6: case['steps'][i] = step[:5] + address(maker, r, p.rcpt).strip('<>')
        elif re.match(r'(EHLO|HELO) \S', step) and r.random() < 0.1: case['steps'][i] = step[:5] + r.choice(maker.hosts)
    if r.random() < 0.15:
        at = next((i for i, s in enumerate(case['steps']) if isinstance(s, str) and s.startswith('RCPT')), None)
        if at is not None: case['steps'][at:at] = ['RCPT TO:' + address(maker, r, p.rcpt) for _ in range(r.choice((1, 2)))]
    return case


WORDS = ('joe', 'eric', 'alice', 'bob', 'x@remote.example', 'y@two.example', 'x@relay.example.net', 'ftp-bugs', 'nosuchuser', 'REJECT5@remote.example', 'TEMP4@remote.example', 'postmaster', 'list-a', 'biglist', 'root')

MAP_LINES = ('k%d\tv', 'Key%d v  w', '# c%d', '%.0s', 'lone%d', 'a%d@x.example\t%%1@b', '"q %d" e', ' lead%d x')


def cli(maker, r):
    p = pools(); c = copy.deepcopy(r.choice(p.cli))
    while maker.cf != 'msp' and any('QueueDirectory' in a for s in c['steps'] for a in s['args']): c = copy.deepcopy(r.choice(p.cli))   # his own queue, without a submission program's (doc/differences.md)
    case = {'steps': c['steps'], 'daemon': maker.cf == 'msp' or r.random() < 0.1, 'like': '%(cf)s %(family)s %(name)s' % c}
    def other(word, make=lambda: address(maker, r, p.rcpt).strip('<>')):
        if r.random() < 0.5: return word
        return make() if r.random() < 0.6 else r.choice(WORDS)
    known = {}
    for s in case['steps']:
        for k in ('rc', 'out', 'err', 'local', 'sent', 'queue'): s.pop(k, None)
        if s['argv0'] == 'makemap':
            if s['stdin']: s['stdin'] = ''.join(r.choice(MAP_LINES) % r.randrange(4) + '\n' for _ in range(r.randrange(1, 6)))
            if r.random() < 0.3: s['args'] = [r.choice(('-f', '-N', '-e', '-v', '-d', '-r', '-u', '-l', '-c', '-t', '-D', '-s', '-i'))] + s['args']
            continue
        for i, a in enumerate(s['args']):
            before = s['args'][i - 1] if i else ''
            if before in ('-f', '-r', '-R', '-V', '-N', '-F') and r.random() < 0.5: s['args'][i] = known.setdefault(a, other(a, lambda: sender(maker, r, p.rcpt))) if before in ('-f', '-r') else a
            elif a and a[0] != '-': s['args'][i] = known.setdefault(a, other(a)) or 'joe'
        if s['argv0'] == 'sendmail' and s['stdin'] and not s['stdin'].startswith(('EHLO', 'HELO', 'MAIL')):
            if r.random() < 0.25: s['stdin'] = r.choice(p.stdin)
            s['stdin'] = other_message(maker, r, s['stdin'], '\n')
            if r.random() < 0.35: s['args'] = [r.choice(p.options)] + s['args']
            if r.random() < 0.1: s['args'] = ['-f', sender(maker, r, p.mail) or '<>'] + s['args']
        if maker.cf == 'msp':   # a queue of its own; RCPT of an alias with an unknown member (doc/differences.md)
            s['args'] = [a.replace('list-a', 'alice') for a in s['args'] if a not in ('-odq', '-odd')]; s['stdin'] = s['stdin'].replace('list-a', 'alice')
    if len(case['steps']) <= 2 and not any('files' in s for s in case['steps']) and r.random() < 0.2:
        for s in case['steps']: s['user'] = 'joe'
    return case
