"""`hikyaku check` on trees of its own: a sound one, and each fault alone; text, --json, exit codes.
usage: check_test.py BIN-DIRECTORY"""
import json, os, shutil, socket, subprocess, sys, tempfile

BIN = os.path.abspath(sys.argv[1]); HERE = os.path.dirname(os.path.abspath(__file__))
DEMO = os.path.join(HERE, '..', '..', 'share', 'demo', 'sendmail.cf')
ALIASES = 'postmaster: root\nMAILER-DAEMON: postmaster\nroot: root@elsewhere.example\n'
failed = []


class Tree:
    """A root whose /etc/mail is sound."""
    def __init__(self):
        self.root = tempfile.mkdtemp(prefix='hikyaku-check.'); os.chmod(self.root, 0o755)
        for d in ('etc/mail', 'bin', 'usr/sbin', 'var/mail', 'run', 'tmp'): os.makedirs(self.path(d))
        self.write('etc/hosts', '127.0.0.1 localhost\n192.0.2.1 mail.example.org mail\n')
        self.write('etc/resolv.conf', 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n')
        cf = open(DEMO).read()
        self.cf = cf + '\nDjmail.example.org\nCwmail.example.org\n'
        self.write('etc/mail/sendmail.cf', self.cf); self.write('etc/mail/aliases', ALIASES)
        for program in self.programs(): self.write(program, '#!/bin/sh\n', 0o755)
        self.run('newaliases')

    def programs(self):
        """What the mailers run."""
        return {word[2:].strip(',').lstrip('/') for line in self.cf.replace('\n\t', ' ').split('\n') if line.startswith('M') for word in line.split() if word.startswith('P=/')}

    def path(self, name): return os.path.join(self.root, name)

    def write(self, name, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), 'w') as f: f.write(text)
        os.chmod(self.path(name), mode)

    def add_cf(self, text): self.write('etc/mail/sendmail.cf', self.cf + text)

    def run(self, *words): return subprocess.run([os.path.join(BIN, words[0]), '--root', self.root, *words[1:]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)

    def check(self, *words): return subprocess.run([os.path.join(BIN, 'hikyaku'), 'check', '--no-dns', '--root', self.root, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)


def found(tree, *words):
    run = tree.check('--json', *words)
    try: return json.loads(run.stdout), run.returncode
    except ValueError: failed.append('not JSON: %r %s' % (run.stdout, run.stderr)); return [], run.returncode


def case(name, fault, want, severity, file=None, line=None):
    """`fault` is done to a sound tree; it must be told, with place and cure, and the exit code must say so."""
    tree = Tree()
    try:
        sound, code = found(tree)
        loud = [f for f in sound if f['severity'] != 'note']
        if loud or code != 0: failed.append('%s: the sound tree: %d %s' % (name, code, loud)); return
        fault(tree)
        findings, code = found(tree)
        hits = [f for f in findings if f['id'] == want and f['severity'] == severity and (file is None or f['file'] == file) and (line is None or f['line'] == line)]
        if not hits: failed.append('%s: no %s %s in %s' % (name, severity, want, findings)); return
        if not hits[0]['text'] or not hits[0]['cure']: failed.append('%s: no sentence or no cure' % name)
        worst = 'error' if any(f['severity'] == 'error' for f in findings) else 'warning'
        if code != (78 if worst == 'error' else 0): failed.append('%s: exit %d with %s' % (name, code, worst))
        if worst == 'warning' and found(tree, '--strict')[1] != 78: failed.append('%s: --strict lets a warning pass' % name)
        text = tree.check().stdout
        if '[%s]' % want not in text or '    cure: ' not in text: failed.append('%s: the text lacks it: %s' % (name, text))
    finally: shutil.rmtree(tree.root)


def stale(tree):
    tree.write('etc/mail/access', 'Connect:192.0.2 RELAY\n'); tree.write('etc/mail/access.db', '')
    tree.add_cf('Kaccess hash /etc/mail/access\n')
    os.utime(tree.path('etc/mail/access.db'), (1, 1))


def aliases(text):
    def fault(tree): tree.write('etc/mail/aliases', ALIASES + text); tree.run('newaliases')
    return fault


MAIL = '/etc/mail/'
case('misspelt option', lambda t: t.add_cf('O LogLevle=9\n'), 'cf-error', 'error', MAIL + 'sendmail.cf', open(DEMO).read().count('\n') + 4)
case('no configuration', lambda t: os.unlink(t.path('etc/mail/sendmail.cf')), 'cf-error', 'error')
case('older than its .mc', lambda t: (t.write('etc/mail/sendmail.mc', 'dnl\n'), os.utime(t.path('etc/mail/sendmail.cf'), (1, 1))), 'cf-stale', 'warning', MAIL + 'sendmail.cf')
case('missing map', lambda t: t.add_cf('Kt hash /etc/mail/t\n'), 'map-missing', 'error', MAIL + 'sendmail.cf')
case('stale map', stale, 'map-stale', 'warning', MAIL + 'access.db')
case('map class', lambda t: t.add_cf('Kt dbm /etc/mail/t\n'), 'cf-error', 'error')
case('writable aliases', lambda t: os.chmod(t.path('etc/mail/aliases'), 0o666), 'writable-file', 'error', MAIL + 'aliases')
case('writable folder', lambda t: os.chmod(t.path('etc/mail'), 0o777), 'writable-folder', 'error', '/etc/mail')
case('no postmaster', lambda t: (t.write('etc/mail/aliases', 'MAILER-DAEMON: root@elsewhere.example\n'), t.run('newaliases')), 'no-postmaster', 'error', MAIL + 'aliases')
case('alias ring', aliases('ping: pong\npong: ping\n'), 'alias-loop', 'error', MAIL + 'aliases', 4)
case('alias to nobody', aliases('info: nobody-of-that-name\n'), 'alias-dead-end', 'error', MAIL + 'aliases', 4)
case('list that is not there', aliases('all: :include:/etc/mail/all.list\n'), 'include-unreadable', 'error', MAIL + 'aliases', 4)
case('program that is not there', aliases('robot: "|/usr/bin/robot -x"\n'), 'program-missing', 'error', MAIL + 'aliases', 4)
case('aliases not built', lambda t: os.utime(t.path('etc/mail/aliases.db'), (1, 1)), 'aliases-stale', 'warning', MAIL + 'aliases.db')
case('mailer.conf', lambda t: t.write('etc/mail/mailer.conf', 'sendmail /usr/libexec/none\nmailq /usr/libexec/none\nnewaliases /usr/libexec/none\n'), 'program-missing', 'error', MAIL + 'mailer.conf', 1)
case('passwords for all to read', lambda t: (t.write('etc/sasl2/Sendmail.conf', 'sasldb_path: /etc/sasldb2\n'), t.write('etc/sasldb2', 'x')), 'secret-readable', 'error', '/etc/sasldb2')



def relays(name, features, access, sender):
    """A configuration of our own library that `sender` (None: nobody) may relay through, told as such."""
    tree = Tree()
    try:
        tree.write('etc/mail/host.mc', "OSTYPE(linux)\ndefine(`confDOMAIN_NAME', `mail.example.org')dnl\n%s\nMAILER(local)\nMAILER(smtp)\n" % features)
        made = subprocess.run([os.path.join(BIN, 'hikyaku'), 'makecf', tree.path('etc/mail/host.mc')], stdout=subprocess.PIPE, text=True, timeout=60)
        tree.write('etc/mail/sendmail.cf', made.stdout); tree.write('etc/mail/access', access)
        subprocess.run([os.path.join(BIN, 'makemap'), '--root', tree.root, 'hash', '/etc/mail/access'], input=access, text=True, timeout=60)
        told = [f for f in found(tree)[0] if f['id'] == 'open-relay']
        if bool(told) != bool(sender) or (sender and 'from %s' % sender not in told[0]['text']): failed.append('relay, %s: %s' % (name, told))
    finally: shutil.rmtree(tree.root)


def name_server(zone):
    """host@port of a name server that knows `zone` alone."""
    sys.path.insert(0, os.path.join(HERE, '..', 'golden'))
    import dnsd
    with socket.socket() as s: s.bind(('127.0.0.1', 0)); port = s.getsockname()[1]
    dnsd.serve(zone, '127.0.0.1', port)   # listens when it returns
    return '127.0.0.1@%d' % port


def domains():
    """What DNS says of class w."""
    tree = Tree()
    try:
        tree.write('zone', 'mail.example.org A 192.0.2.1\nexample.org MX 10 mail.example.org\ngood.example MX 10 mail.example.org\nalias.example CNAME mail.example.org\n'
                   'cname.example MX 10 alias.example\naway.example MX 10 mx.away.example\nmx.away.example A 198.51.100.7\n')
        tree.add_cf('Cwgood.example cname.example away.example gone.example\n')
        os.environ['HKY_NAMESERVER'] = name_server(tree.path('zone'))
        run = subprocess.run([os.path.join(BIN, 'hikyaku'), 'check', '--json', '--root', tree.root], stdout=subprocess.PIPE, text=True, timeout=100)
        told = {(f['id'], word) for f in json.loads(run.stdout) for word in f['text'].split() if f['id'].startswith('mx-') and word.endswith('example') or word == 'example.org'}
        for want in (('mx-cname', 'cname.example'), ('mx-elsewhere', 'away.example'), ('mx-none', 'gone.example'), ('mx-not-local', 'example.org')):
            if want not in told: failed.append('domains: no %s in %s' % (want, told))
        if any(word == 'good.example' for _, word in told): failed.append('domains: good.example is told: %s' % told)
    finally: del os.environ['HKY_NAMESERVER']; shutil.rmtree(tree.root)


relays('as made', '', '', None)
relays('networks and domains', "FEATURE(`access_db')\nFEATURE(`relay_entire_domain')\nFEATURE(`delay_checks')", 'Connect:192.0.2 RELAY\nTo:example.net RELAY\n', None)
relays('null client', "FEATURE(`nullclient', `hub.example.org')", '', None)
relays('everybody', 'FEATURE(promiscuous_relay)', '', '<>')
relays('who says he is one of us', 'FEATURE(relay_local_from)', '', '<postmaster@mail.example.org>')
relays('a line of access that is too wide', "FEATURE(`access_db')", 'Connect:203 RELAY\n', '<>')
domains()

tree = Tree()
wrong = tree.check('--nonsense')
if wrong.returncode != 64 or 'usage:' not in wrong.stderr: failed.append('usage: %s' % wrong)
shutil.rmtree(tree.root)
for f in failed: print('FAIL  ' + f)
print('check: %s' % ('failed' if failed else 'ok'))
sys.exit(1 if failed else 0)
