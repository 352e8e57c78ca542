"""A real sendmail beside Hikyaku, asked the same, and what came of it: beside_test.py KIND --bin build/bin --cf build/golden --reference ROOT [--seed N] [--first N] [--count N] [--config NAME].
KIND: bt (rewriting, parsing, checks), bv (verification), smtp (dialogues with the daemon), cli (command lines), smtp-like and cli-like (golden records with other
names), files (users' files with every mode, owner and link); of these five also what was delivered, sent on, and queued is compared. ROOT is what reference.sh makes. The seed is printed; a difference is shrunk, shown, and fails the test."""
import argparse, difflib, json, os, re, subprocess, sys, tempfile, threading

HERE = os.path.dirname(os.path.abspath(__file__)); GOLDEN = os.path.join(HERE, '..', 'golden'); WHAT = 'differential test'
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'support'), GOLDEN]
import cases, shrink
from golden_live_test import make_root
from namespaces import need_namespaces, skip
BATCH = {'bt': 60, 'bv': 10, 'smtp': 1, 'cli': 1, 'files': 1, 'smtp-like': 1, 'cli-like': 1}
BIN = '/usr/libexec/sendmail/'   # in the reference's root


def private_copy(root):
    """The reference's root under an overlay: nothing that a run writes stays."""
    top = tempfile.mkdtemp(prefix='reference-root.'); mount = lambda *a: subprocess.run(['mount', *a], capture_output=True, text=True)
    mount('-t', 'tmpfs', 'tmpfs', top)
    for d in ('upper', 'work', 'root'): os.makedirs(top + '/' + d)
    got = mount('-t', 'overlay', 'overlay', '-o', 'lowerdir=%s,upperdir=%s/upper,workdir=%s/work' % (root, top, top), top + '/root')
    if got.returncode: skip(WHAT, 'no overlay file system here: ' + got.stderr.strip())
    program = top + '/root' + BIN + 'sendmail'; os.chown(program, 0, 902); os.chmod(program, 0o2755)   # the world's group smmsp
    return top + '/root'


class Asked:
    """A side.py that runs."""
    def __init__(self, root, sendmail, **env):
        self.noise = tempfile.TemporaryFile('w+', errors='replace')
        self.p = subprocess.Popen([sys.executable, os.path.join(HERE, 'side.py'), root, sendmail], env=dict(os.environ, PYTHONDONTWRITEBYTECODE='1', **env),
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.noise, text=True)

    def ask(self, request):
        self.p.stdin.write(json.dumps(request) + '\n'); self.p.stdin.flush()
        line = self.p.stdout.readline()
        if not line: self.noise.seek(0); raise AssertionError('a side ended at %s\n%s' % (json.dumps(request), self.noise.read()[-2000:]))
        return json.loads(line)

    def end(self): self.p.stdin.close(); self.p.wait(60)


class Pair:
    def __init__(self, args):
        version = subprocess.run([args.bin + '/hikyaku', '--version'], capture_output=True, text=True).stdout.split()[-1]; cf = os.path.abspath(args.cf)
        self.kind = args.kind; self.sides = (Asked(private_copy(os.path.abspath(args.reference)), BIN + 'sendmail', CFDIR=cf, MAKEMAP=BIN + 'makemap'),
                                             Asked(make_root(os.path.abspath(args.bin)), '/opt/hikyaku/sendmail', CFDIR=cf, MAKEMAP='/opt/hikyaku/makemap', HIKYAKU='/opt/hikyaku/hikyaku', VERSION=version))

    def ask(self, cf, some):
        """[(sendmail's answer, ours)], one of each case; both are asked at once."""
        alone = BATCH[self.kind] == 1; request = dict(some[0], kind=self.kind, cf=cf) if alone else {'kind': self.kind, 'cf': cf, 'cases': some}
        got = [None, None]
        def run(i): got[i] = self.sides[i].ask(request)
        threads = [threading.Thread(target=run, args=(i,)) for i in (0, 1)]
        for t in threads: t.start()
        for t in threads: t.join()
        if None in got: raise AssertionError('a side gave no answer to ' + json.dumps(request))
        return [tuple(resetless(g) for g in got)] if alone else list(zip(*got))

    def once(self, cf, case): return self.ask(cf, [case])[0]


def parts(a, b, at=''):
    """Where two answers part: lines to read."""
    if isinstance(a, dict) and isinstance(b, dict): return [x for k in sorted(set(a) | set(b)) if a.get(k) != b.get(k) for x in parts(a.get(k), b.get(k), at + '/' + k)]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b): return [x for i, (p, q) in enumerate(zip(a, b)) if p != q for x in parts(p, q, '%s/%d' % (at, i))]
    if isinstance(a, str) and isinstance(b, str) and '\n' in a + b: return [at] + ['  ' + l for l in list(difflib.unified_diff(a.split('\n'), b.split('\n'), lineterm='', n=1))[2:40]]
    return ['%s\n  sendmail: %s\n  hikyaku:  %s' % (at, json.dumps(a), json.dumps(b))]


CLOSING = re.compile(r'(?m)^(?:(?:\S+\.\.\. )?Closing connection to |>>> QUIT$|221 ).*\n')
CACHE = 2   # ConnectionCacheSize


def resetless(answer):
    """Without RSET in what was sent on: sendmail says it before each further message of a connection, Hikyaku where there is something to reset; and without the ends
    of more connections than are kept, which sendmail has while the next is made, Hikyaku when it is over (doc/differences.md)."""
    if isinstance(answer, list): return [resetless(a) for a in answer]
    if not isinstance(answer, dict): return answer
    if '>>> RSET' in (answer.get('out') or ''): answer = dict(answer, out=re.sub(r'>>> RSET\n250 .*\n', '', answer['out']))
    if (answer.get('out') or '').count('Closing connection to ') > CACHE: answer = dict(answer, out=CLOSING.sub('', answer['out']))
    if not answer.get('sent'): return answer
    return dict(answer, sent=[dict(s, commands=[c for c in s['commands'] if c != 'RSET']) for s in answer['sent']])


LOOP = 'mail loops back to me'
CIRCLE = '554 5.4.6 aliasing/forwarding loop broken'


def accepted(sendmail, hikyaku):
    """Differences that doc/differences.md gives for good, and that a name here and there meets: the words about a best MX that is this host, which sendmail says once a process;
    complaints about a faulty address of a header, which it puts into a report each time it parses one; an empty From: or Resent-From: of <>; of which of its questions DNS had no answer to;
    the RET=, ENVID= and BODY=7BIT of a command line in its report's MAIL; the order of several messages to one host; the faults that the reports to a list's owner and
    to the sender have from each other."""
    a, b = json.dumps(sendmail), json.dumps(hikyaku)
    if b.count(LOOP) > a.count(LOOP): return True
    if isinstance(sendmail, dict) and CIRCLE in json.dumps(hikyaku.get('dialogue')) and CIRCLE not in json.dumps(sendmail.get('dialogue')): return True   # RCPT of an alias that leads back to itself
    fault = re.compile(r"553 5\.0\.0 (?:(?!\\n).)*?\.\.\. Unbalanced '.+?'(?:\\r)?\\n")
    nobody = re.compile(r'(?:Resent-)?From: (?:MAILER-DAEMON(?:@[\w.]+)?)?(?:\\r)?\\n')   # of <>, where the message names nobody
    asked = re.compile(r'(MAIL From:<>[^"]*?)(?: RET=(?:HDRS|FULL)| ENVID=[^ "]+| BODY=7BIT)+')
    report = 'Original-Envelope-Id: ' if ' ENVID=' in ''.join(re.findall('MAIL From:<>[^"]*', a)) or 'Subject: Postmaster notify: ' in a else '$^'
    owned = 'Message delivered to mailing list ' in a; told = re.compile(r'(?<=Transcript of session follows -----)(?:\\r)?\\n.*?(?=(?:\\r)?\\n(?:\\r)?\\n--)')
    fault_lines = re.compile(r'[45]\d\d \d\.\d\.\d (?:(?!\\n).)*?\\n')
    apart = lambda text: told.sub(lambda m: fault_lines.sub('', m[0] + '\\n'), text) if owned else text
    plain = lambda text: re.sub(report + r'.*?\\n', '', asked.sub(r'\1', nobody.sub('', fault.sub('', apart(text))))).replace(': no data known)', ': host not found)').replace(': non-recoverable error)', ': host not found)')
    return plain(a) == plain(b) or (several(sendmail) and plain(json.dumps(by_message(sendmail))) == plain(json.dumps(by_message(hikyaku))))


def several(answer):
    """Whether more than one message was sent on: else there is nothing to be in another order, or over more connections."""
    if isinstance(answer, list): return any(several(a) for a in answer)
    if not isinstance(answer, dict): return False
    return sum(c.startswith('MAIL') for s in answer.get('sent') or () for c in s['commands']) > 1


def by_message(answer):
    """What was sent on as a list of messages for each host, whatever connection they took and in whichever order: Hikyaku delivers several at once."""
    if isinstance(answer, list): return [by_message(a) for a in answer]
    if not isinstance(answer, dict) or 'sent' not in answer: return answer
    messages = []
    for s in answer['sent']:
        data = iter(s['data']); each = []
        for c in s['commands']:
            if c.startswith('MAIL'): each.append([])
            if each and c not in ('QUIT', '(closed)'): each[-1].append(next(data, None) if c == 'DATA' else c)
        messages += [[s['to'], *m] for m in each] or [s]
    return dict(answer, sent=sorted(messages, key=json.dumps))


MAILQ = re.compile(r'(?ms)(^-----Q-ID.*?\n)(.*?)(?=^\t\tTotal requests)')


def by_priority(text):
    """mailq's messages of one priority in an order of their own: sendmail has them as its directory does (doc/differences.md)."""
    def sort(m):
        each = re.split(r'(?m)^(?=<QID>)', m[2])
        priority = lambda e: int(e.split()[2]) if e.startswith('<QID>') and '-Priority-' in m[1] else 0
        return m[1] + ''.join(sorted(each, key=lambda e: (priority(e), e)))
    return MAILQ.sub(sort, text)


UNSAID = re.compile(r'(?<="rc": 78, "out": ")can not chdir\(/var/spool/mqueue/\): Permission denied\\n|(?<=Recipient names must be specified\\n)Eight bit data not allowed\\n')


AGAIN = re.compile(r"(?m)^(?:.*\.\.\. Unbalanced '.'|.*\.\.\. DNS failure: CNAME loop for \S+|\S+: Name server timeout)\r?\n")


def without_again(x):
    """A command's answer without complaints about quotes, brackets and hosts, which sendmail has again each time it parses a header, and without what lies in its queue for nobody (doc/differences.md)."""
    if isinstance(x, dict): return {k: v for k, v in ((k, [q for q in v if q['rcpts']] if k == 'queue' else without_again(v)) for k, v in x.items()) if v != []}
    if isinstance(x, list): return [without_again(v) for v in x]
    return by_priority(AGAIN.sub('', x)) if isinstance(x, str) else x


def comparable(answer):
    """Without what doc/differences.md lists: a file's empty line after one that had no last end of line, repeated complaints, what one of the two leaves unsaid."""
    return UNSAID.sub('', re.sub(r'("FILE (?:[^"\\]|\\.)*?)(?:\\n)+"', r'\1"', json.dumps(without_again(answer) if isinstance(answer, list) else answer)))


class Found:
    def __init__(self, most, tries): self.same = self.known = self.passing = 0; self.different = set(); self.most, self.tries = most, tries

    def look(self, pair, cf, number, case, answers):
        if comparable(answers[0]) == comparable(answers[1]): self.same += 1; return
        if accepted(*answers): self.known += 1; return
        def differs(c): x, y = pair.once(cf, c); return comparable(x) != comparable(y) and not accepted(x, y)
        if not differs(case): print('--- %s case %d differed, but not when asked again:\n%s\n%s' % (cf, number, json.dumps(case), '\n'.join(parts(*answers))), flush=True); self.passing += 1; return
        if len(self.different) < self.most: case = shrink.shrink(case, differs, self.tries)
        key = cf + json.dumps(case); a, b = pair.once(cf, case)
        if key not in self.different and len(self.different) < self.most: print('--- %s case %d: %s\n%s' % (cf, number, json.dumps(case), '\n'.join(parts(a, b))), flush=True)
        self.different.add(key)


def main():
    ap = argparse.ArgumentParser(); add = ap.add_argument
    add('kind', choices=sorted(BATCH)); add('--bin', required=True); add('--cf', required=True); add('--reference', required=True); add('--config')
    add('--seed', type=int, default=1); add('--first', type=int, default=0); add('--count', type=int, default=1000); add('--show', type=int, default=20); add('--shrink', type=int, default=60); args = ap.parse_args()
    need_namespaces(WHAT, ('unshare', 'ip', 'mount', 'nsenter'))
    if not os.path.exists(args.reference + BIN + 'sendmail'): skip(WHAT, 'no real sendmail in %s; run test/differential/reference.sh %s (needs debootstrap and a package mirror)' % ((args.reference,) * 2))
    if not os.path.exists(args.cf + '/inet/sendmail.cf'): skip(WHAT, 'no configurations in %s; run test/golden/prepare.sh %s' % ((args.cf,) * 2))
    if os.environ.get('HKY_DIFFERENTIAL') != '1':
        sys.exit(subprocess.run(['unshare', '--mount', '--propagation', 'private', sys.executable, *sys.argv], env=dict(os.environ, HKY_DIFFERENTIAL='1')).returncode)
    print('%s: seed %d, cases %d to %d' % (args.kind, args.seed, args.first, args.first + args.count - 1), flush=True)
    pair = Pair(args); found = Found(args.show, args.shrink); todo = {}
    for n in range(args.first, args.first + args.count):
        cf, case = cases.case(args.kind, args.seed, n)
        if args.config in (None, cf): todo.setdefault((cf, json.dumps([case.get('options'), case.get('daemon')])), []).append((n, case))
    for (cf, _), numbered in sorted(todo.items()):   # a configuration is laid out once, and a daemon started once for the same options
        for i in range(0, len(numbered), BATCH[args.kind]):
            some = numbered[i:i + BATCH[args.kind]]
            for (n, case), answers in zip(some, pair.ask(cf, [c for _, c in some])): found.look(pair, cf, n, case, answers)
    for side in pair.sides: side.end()
    print('%s seed %d: %d the same, %d known (doc/differences.md), %d not when asked again, %d different' % (args.kind, args.seed, found.same, found.known, found.passing, len(found.different)))
    sys.exit(1 if found.different else 0)


if __name__ == '__main__':
    main()
