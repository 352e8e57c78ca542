"""A real sendmail beside Hikyaku, asked the same, and what came of it: beside_test.py KIND --bin build/bin --cf build/golden --reference ROOT [--seed N] [--first N] [--count N] [--config NAME].
KIND: bt (rewriting, parsing, checks), bv (verification), smtp (dialogues with the daemon), cli (command lines), smtp-like and cli-like (golden records with other
names), smtp-options and cli-options (any of these with options of sendmail.cf set otherwise), files (users' files with every mode, owner and link); of these also what was delivered, sent on, and queued is compared. ROOT is what reference.sh makes. The seed is printed; a difference is shrunk, shown, and fails the test."""
import argparse, difflib, json, os, subprocess, sys, tempfile, threading

HERE = os.path.dirname(os.path.abspath(__file__)); GOLDEN = os.path.join(HERE, '..', 'golden'); WHAT = 'differential test'
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'support'), GOLDEN]
import cases, shrink
from accepted import accepted, comparable, resetless
from golden_live_test import make_root
from namespaces import need_namespaces, skip
BATCH = {'bt': 60, 'bv': 10, 'smtp': 1, 'cli': 1, 'files': 1, 'smtp-like': 1, 'cli-like': 1, 'smtp-options': 1, 'cli-options': 1}
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
