"""Hikyaku beside a real sendmail, the same configuration, the same random questions; what differs and is not in known.txt fails, shrunk.
differential_test.py BINDIR CFDIR [--seed N] [--addresses N] [--dialogues N] [--commands N] [CONFIG...]
The reference is a Debian root with sendmail-bin: HKY_REFERENCE names one, else debootstrap makes it in the cache directory (minutes, network).
Everything is decided by the seed, which is printed first; a run of the same seed asks the same."""
import argparse, json, os, random, re, shutil, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__)); GOLDEN = os.path.join(HERE, '..', 'golden'); WHAT = 'differential test'
sys.path[:0] = [os.path.join(HERE, '..', 'support'), GOLDEN, HERE]
import generate
from golden_live_test import make_root
from namespaces import need_namespaces, skip

CONFIGS = ['inet', 'antispam', 'hub', 'masq', 'null', 'uucp', 'dialup']
PACKAGES = 'sendmail-bin,sensible-mda,sasl2-bin,libsasl2-modules'


def reference_root():
    named = os.environ.get('HKY_REFERENCE')
    root = named or os.path.join(os.environ.get('XDG_CACHE_HOME', os.path.expanduser('~/.cache')), 'hikyaku-reference')
    if os.path.exists(root + '/usr/libexec/sendmail/sendmail'): return root
    if named: skip(WHAT, 'no /usr/libexec/sendmail/sendmail in ' + root)
    if not shutil.which('debootstrap'): skip(WHAT, 'no real sendmail to ask: HKY_REFERENCE names none and debootstrap is missing')
    print('making the reference in ' + root, flush=True); os.makedirs(os.path.dirname(root), exist_ok=True)
    made = subprocess.run(['debootstrap', '--variant=minbase', 'bookworm', root + '.new'], capture_output=True, text=True)
    if made.returncode == 0:
        made = subprocess.run(['chroot', root + '.new', 'apt-get', '-y', '--no-install-recommends', 'install', *PACKAGES.split(',')], env=dict(os.environ, DEBIAN_FRONTEND='noninteractive'), capture_output=True, text=True)
    if made.returncode != 0: skip(WHAT, 'no reference could be made: ' + (made.stdout + made.stderr)[-300:])
    os.rename(root + '.new', root); return root


class Side:
    """One program's worker for one configuration."""
    def __init__(self, env, config):
        self.p = subprocess.Popen([sys.executable, HERE + '/worker.py', config], env=dict(os.environ, PYTHONDONTWRITEBYTECODE='1', **env), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.p.stdout.readline()
        if line != 'ready\n': raise RuntimeError('no world for %s: %r' % (config, line))

    def tell(self, job): self.p.stdin.write(json.dumps(job) + '\n'); self.p.stdin.flush()
    def hear(self): return json.loads(self.p.stdout.readline())
    def end(self): self.p.stdin.close(); self.p.wait()


class Pair:
    def __init__(self, reference, candidate, config):
        self.sides = Side(reference, config), Side(candidate, config); self.config = config; self.asked = 0; self.found = []; self.known_met = 0
        with open(HERE + '/known.txt') as f: self.known = [re.compile(l.split('\t')[0]) for l in f.read().splitlines() if l and not l.startswith('#')]

    def ask(self, job):
        for s in self.sides: s.tell(job)
        return [s.hear() for s in self.sides]

    def differs(self, job):
        a, b = self.ask(job); a, b = plain(a), plain(b)
        if a == b: return None
        gone = [l for l in a.splitlines() if l not in b.splitlines()] + [l for l in b.splitlines() if l not in a.splitlines()]
        if gone and all(any(k.search(l) for k in self.known) for l in gone): self.known_met += 1; return None
        return a, b

    def check(self, job):
        self.asked += len(job['lines']) if job['kind'] == 'addresses' else 1
        if job['kind'] == 'addresses':   # cheap first: all in one process; then the odd ones alone
            a, b = self.ask(job)
            if a == b: return
            odd = [l for i, l in enumerate(job['lines']) if a['answers'][i:i + 1] != b['answers'][i:i + 1]]
            for l in odd[:20]: self.report(dict(job, lines=[l]))
        else: self.report(job)

    def report(self, job):
        if not self.differs(job): return
        small = shrink(job, lambda j: self.differs(j) is not None); a, b = self.differs(small) or ('', '')
        self.found.append(small); print('DIFFERS %s %s\n--- sendmail\n%s\n--- hikyaku\n%s' % (self.config, json.dumps(small), a, b), flush=True)


def plain(got):
    if 'dialogue' in got: return '\n'.join(l for step in got['dialogue'] for l in [repr(step['c'])] + step['s'])
    if 'answers' in got: return '\n'.join(got['answers'] + [str(got['rc']), got['err']])
    return '%s\n%s\n%s' % (got['rc'], got['out'], got['err'])


def shrink(job, still, tries=60):
    """Fewer lines or arguments, then fewer characters, while the answers still differ."""
    field = 'args' if job['kind'] == 'command' else 'lines'; step = max(1, len(job[field]) // 2)
    while step >= 1 and tries > 0:
        at, cut = 0, False
        while at < len(job[field]) and tries > 0 and len(job[field]) > 1:
            fewer = dict(job, **{field: job[field][:at] + job[field][at + step:]}); tries -= 1
            if fewer[field] and still(fewer): job, cut = fewer, True
            else: at += step
        if not cut: step //= 2
    for i, word in enumerate(job[field]):
        at = 0
        while at < len(word) and tries > 0:
            shorter = word[:at] + word[at + 1:]; tries -= 1
            fewer = dict(job, **{field: job[field][:i] + [shorter] + job[field][i + 1:]})
            if still(fewer): job, word = fewer, shorter
            else: at += 1
    return job


def main():
    ap = argparse.ArgumentParser(); ap.add_argument('bindir'); ap.add_argument('cfdir'); ap.add_argument('--seed', type=int); ap.add_argument('--addresses', type=int, default=400)
    ap.add_argument('--dialogues', type=int, default=60); ap.add_argument('--commands', type=int, default=60); ap.add_argument('configs', nargs='*'); args = ap.parse_intermixed_args()
    need_namespaces(WHAT, ('unshare', 'ip', 'mount', 'nsenter'))
    if not os.path.exists(args.cfdir + '/inet/sendmail.cf'): skip(WHAT, 'no configurations in ' + args.cfdir + ' (test/golden/prepare.sh)')
    if os.environ.get('HKY_DIFFERENTIAL') != '1':
        sys.exit(subprocess.run(['unshare', '--mount', sys.executable, *sys.argv], env=dict(os.environ, HKY_DIFFERENTIAL='1', HKY_REFERENCE=reference_root())).returncode)
    seed = args.seed if args.seed is not None else int(time.time()); print('seed %d' % seed, flush=True)
    bindir = os.path.abspath(args.bindir); version = subprocess.run([bindir + '/hikyaku', '--version'], capture_output=True, text=True).stdout.split()[-1]
    cfdir = os.path.abspath(args.cfdir)
    reference = {'ROOT': os.environ['HKY_REFERENCE'], 'SENDMAIL': '/usr/libexec/sendmail/sendmail', 'CFDIR': cfdir}
    candidate = {'ROOT': make_root(bindir), 'SENDMAIL': '/opt/hikyaku/sendmail', 'MAKEMAP': '/opt/hikyaku/makemap', 'HIKYAKU': '/opt/hikyaku/hikyaku', 'CFDIR': cfdir, 'VERSION': version}
    bad = 0
    for config in args.configs or CONFIGS:
        r = random.Random('%d/%s' % (seed, config)); pair = Pair(reference, candidate, config)
        for i in range(0, args.addresses, 50): pair.check({'kind': 'addresses', 'lines': ['3,0 ' + generate.address(r) for _ in range(min(50, args.addresses - i))]})
        for _ in range(args.dialogues): pair.check({'kind': 'dialogue', 'lines': generate.dialogue(r)})
        for _ in range(args.commands):
            words, text = generate.command(r); pair.check({'kind': 'command', 'args': words, 'text': text})
        for s in pair.sides: s.end()
        print('%s: %d asked, %d differ, %d differ as known' % (config, pair.asked, len(pair.found), pair.known_met), flush=True); bad += len(pair.found)
    sys.exit(1 if bad else 0)


if __name__ == '__main__':
    main()
