"""Net: a small internet for whole-system tests. Hosts in network, mount and host-name namespaces of their own, one router between them,
one DNS server of ours; nothing of the machine is changed, and nothing survives the test.

    net = Net(bindir)                                # after enter(WHAT, bindir) made the namespaces
    net.zone('example.com', ('MX', '10 mail.example.com'), ...)
    a = net.node('mail.example.com', '192.0.2.1', users=('joe',))
    a.configure(MC, {'local-host-names': 'example.com\\n'}); a.start()
    a.run('swaks', ...); net.wait(lambda: a.mailbox('joe'), 'the message')

Every host sees the machine's /usr with Hikyaku in the place of sendmail, and /etc, /var, /home, /root, /run, /tmp of its own.
A host's line can be cut (the router then answers "host unreachable") and joined again."""
import ctypes, email, mailbox, os, re, shutil, smtplib, socket, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__)); sys.path.insert(0, os.path.join(HERE, '..', 'golden'))
import dnsd
from namespaces import need_namespaces, skip

ROUTER = '198.18.0.1'   # also the DNS server's address
NAMES = ('sendmail', 'send-mail', 'mailq', 'newaliases', 'rmail', 'makemap', 'hoststat', 'purgestat', 'praliases', 'editmap', 'hikyaku')
OWN = ('dev', 'etc', 'var/mail', 'var/spool', 'var/log', 'var/lib', 'home', 'root', 'run', 'tmp')
SYSTEM_USERS = (('root', 0, 0, '/root', '/bin/sh'), ('daemon', 1, 1, '/usr/sbin', '/usr/sbin/nologin'), ('mail', 8, 8, '/var/mail', '/usr/sbin/nologin'),
                ('uucp', 10, 10, '/var/spool/uucp', '/bin/sh'), ('nobody', 65534, 65534, '/nonexistent', '/usr/sbin/nologin'),
                ('smmta', 901, 901, '/var/lib', '/usr/sbin/nologin'), ('smmsp', 902, 902, '/var/lib', '/usr/sbin/nologin'), ('hikyaku', 904, 904, '/var/lib', '/usr/sbin/nologin'))


def sh(*argv): subprocess.run(argv, check=True)


def enter(what, bindir, tools=()):
    """Goes on in namespaces of its own, with Hikyaku's names in an overlay of /usr; else ends with 77 and says why."""
    need_namespaces(what, ('unshare', 'ip', 'mount', 'nsenter', 'setpriv', 'm4') + tuple(tools))
    if os.environ.get('HKY_NET') != '1':
        top = tempfile.mkdtemp(prefix='hikyaku-net.')
        rc = subprocess.call(['unshare', '--mount', '--net', '--uts', '--ipc', '--pid', '--fork', '--kill-child', sys.executable, *sys.argv],
                             env=dict(os.environ, HKY_NET='1', HKY_NET_TOP=top, TZ='UTC', LC_ALL='C', PYTHONDONTWRITEBYTECODE='1'))
        os.rmdir(top); sys.exit(rc)
    top = os.environ['HKY_NET_TOP']
    sh('mount', '--make-rprivate', '/'); sh('mount', '-t', 'proc', 'proc', '/proc'); sh('mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', top)
    for d in ('upper', 'work'): os.makedirs('%s/%s' % (top, d))
    got = subprocess.run(['mount', '-t', 'overlay', 'overlay', '-o', 'lowerdir=/usr,upperdir=%s/upper,workdir=%s/work' % (top, top), '/usr'], capture_output=True, text=True)
    if got.returncode: skip(what, 'no overlay file system here: ' + got.stderr.strip())
    os.makedirs('/usr/lib/hikyaku'); sh('mount', '--bind', os.path.abspath(bindir), '/usr/lib/hikyaku')
    for place, names in (('/usr/sbin/', NAMES), ('/usr/bin/', ('mailq', 'newaliases', 'rmail')), ('/usr/libexec/', ('mail.local',))):
        os.makedirs(place, exist_ok=True)
        for n in names:
            if os.path.lexists(place + n): os.unlink(place + n)
            os.symlink('/usr/lib/hikyaku/' + n, place + n)
    if not os.path.exists('/usr/bin/mail') and os.path.exists('/usr/bin/s-nail'): os.symlink('s-nail', '/usr/bin/mail')   # bsd-mailx would bring another mail host along


def alive(pid):
    try:
        with open('/proc/%d/stat' % pid) as f: return f.read().rsplit(')', 1)[1].split()[0] != 'Z'
    except OSError: return False


class Dns:
    """Answers from a zone that may change while it runs; remembers who asked what."""
    def __init__(self, address):
        self.zone = {}; self.asked = []
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind((address, 53))
        tcp = socket.socket(); tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); tcp.bind((address, 53)); tcp.listen(16)
        threading.Thread(target=self.datagrams, args=(udp,), daemon=True).start()
        threading.Thread(target=self.streams, args=(tcp,), daemon=True).start()

    def answer(self, question, who):
        pos, labels = 12, []
        while question[pos]: labels.append(question[pos + 1:pos + 1 + question[pos]].decode('latin-1').lower()); pos += question[pos] + 1
        kind = int.from_bytes(question[pos + 1:pos + 3], 'big')
        self.asked.append((who, '.'.join(labels), {v: k for k, v in dnsd.T.items()}.get(kind, str(kind))))
        return dnsd.answer(self.zone, question)

    def datagrams(self, udp):
        while True:
            question, who = udp.recvfrom(65536)
            reply = self.answer(question, who[0])
            try: udp.sendto(reply, who)
            except OSError: pass   # its line was cut meanwhile

    def streams(self, tcp):
        while True:
            client, who = tcp.accept()
            with client, client.makefile('rb') as words:
                size = int.from_bytes(words.read(2), 'big')
                if size: reply = self.answer(words.read(size), who[0]); client.sendall(len(reply).to_bytes(2, 'big') + reply)


class Net:
    def __init__(self, bindir):
        self.bin = os.path.abspath(bindir); self.top = os.environ['HKY_NET_TOP']; self.nodes = {}; self.compiled = {}
        sh('ip', 'link', 'set', 'lo', 'up'); sh('ip', 'addr', 'add', ROUTER + '/32', 'dev', 'lo')
        for name, value in (('ip_forward', '1'), ('icmp_ratelimit', '0')):   # every try on a cut line is answered
            with open('/proc/sys/net/ipv4/' + name, 'w') as f: f.write(value)
        self.dns = Dns(ROUTER)

    def zone(self, name, *records): self.dns.zone[name.lower()] = list(records)

    def node(self, name, address, **how):
        """A host of the zone: also its A record, unless the zone has one."""
        self.dns.zone.setdefault(name.lower(), [])
        if not any(t in ('A', 'CNAME') for t, _ in self.dns.zone[name.lower()]): self.dns.zone[name.lower()].append(('A', address))
        self.zone('.'.join(reversed(address.split('.'))) + '.in-addr.arpa', ('PTR', name))
        self.nodes[name] = Node(self, name, address, **how); return self.nodes[name]

    def makecf(self, mc):
        if mc not in self.compiled:
            path = '%s/%d.mc' % (self.top, len(self.compiled))
            with open(path, 'w') as f: f.write(mc)
            got = subprocess.run([self.bin + '/hikyaku', 'makecf', path], capture_output=True, text=True)
            if got.returncode: raise AssertionError('makecf: ' + got.stderr)
            self.compiled[mc] = got.stdout
        return self.compiled[mc]

    def wait(self, fact, what, seconds=20):
        end = time.monotonic() + seconds
        while True:
            got = fact()
            if got: return got
            if time.monotonic() > end: raise AssertionError('waited %d s for %s' % (seconds, what))
            time.sleep(0.02)   # a look at the fact, not a guess at its time

    def story(self):
        """What the hosts' logs and queues say: printed where a case fails."""
        out = []
        for n in self.nodes.values():
            out += ['== %s: log' % n.name, n.log(), '== %s: queue' % n.name, n.run('mailq').stdout]
        return '\n'.join(out)


class Node:
    def __init__(self, net, name, address, users=(), search=None, hosts='', full_name=True):
        """search: resolv.conf's domain or search line. hosts: more lines of /etc/hosts. Without full_name the host is called by its first label."""
        self.net, self.name, self.address = net, name, address; self.top = '%s/%s' % (net.top, name); self.link = 'v%d' % len(net.nodes); self.pid = 0
        for d in OWN: os.makedirs('%s/%s' % (self.top, d))
        for d in ('etc/mail', 'var/spool/mqueue', 'var/spool/clientmqueue'): os.makedirs('%s/%s' % (self.top, d))
        for d in ('tmp', 'var/mail'): os.chmod('%s/%s' % (self.top, d), 0o1777)
        for f in ('ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'terminfo', 'localtime', 'Muttrc', 'Muttrc.d', 's-nail.rc', 'mail.rc', 'protocols', 'ssl', 'alternatives'):
            if os.path.isdir('/etc/' + f): shutil.copytree('/etc/' + f, self.path('/etc/' + f), symlinks=True, ignore_dangling_symlinks=True)
            elif os.path.exists('/etc/' + f): shutil.copy('/etc/' + f, self.path('/etc/' + f))
        self.write('/etc/resolv.conf', '%snameserver %s\noptions timeout:2 attempts:1\n' % (search + '\n' if search else '', ROUTER))
        self.write('/etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n')
        short = name.split('.')[0]; self.write('/etc/hosts', '127.0.0.1 localhost\n%s %s %s\n%s' % (address, name, short, hosts)); self.write('/etc/hostname', name + '\n')
        self.write('/etc/services', 'smtp 25/tcp mail\ndomain 53/udp\ndomain 53/tcp\nuucp 540/tcp\nsubmission 587/tcp\n'); self.write('/etc/shells', '/bin/sh\n')
        self.write('/etc/mail/aliases', 'postmaster: root\nMAILER-DAEMON: postmaster\n')
        rows = list(SYSTEM_USERS) + [(u, 2001 + i, 100, '/home/' + u, '/bin/sh') for i, u in enumerate(users)]
        self.ids = {u: (i, g) for u, i, g, _, _ in rows}; self.homes = {u: h for u, _, _, h, _ in rows}
        self.write('/etc/passwd', ''.join('%s:x:%d:%d:%s:%s:%s\n' % (u, i, g, u.capitalize(), h, s) for u, i, g, h, s in rows))
        self.write('/etc/group', 'root:x:0:\ndaemon:x:1:\nmail:x:8:\nuucp:x:10:\nusers:x:100:\nnogroup:x:65534:\nsmmta:x:901:\nsmmsp:x:902:\nhikyaku:x:904:\n')
        for u in users: os.makedirs(self.path('/home/' + u)); os.chown(self.path('/home/' + u), *self.ids[u])
        for n, minor in (('null', 3), ('zero', 5), ('full', 7), ('random', 8), ('urandom', 9)): os.mknod(self.path('/dev/' + n), 0o20666, os.makedev(1, minor)); os.chmod(self.path('/dev/' + n), 0o666)
        for n, to in (('fd', '/proc/self/fd'), ('stdin', 'fd/0'), ('stdout', 'fd/1'), ('stderr', 'fd/2')): os.symlink(to, self.path('/dev/' + n))
        self.said = []; log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); log.bind(self.path('/dev/log')); os.chmod(self.path('/dev/log'), 0o666)
        threading.Thread(target=self.syslogd, args=(log,), daemon=True).start()
        self.boot(name if full_name else short)

    def syslogd(self, log):
        while True: self.said.append(re.sub(r'^<\d+>', '', log.recv(65536).decode('utf-8', 'replace')).rstrip('\n\0'))

    def boot(self, called):
        made = ['hostname ' + called] + ['mount --bind %s/%s /%s' % (self.top, d, d) for d in OWN] + ['mount -t proc proc /proc', 'ip link set lo up', 'echo born', 'read go',
                # IPv6 speaks of itself on a line (neighbours, routers); packets() counts what mail does
                '[ ! -e /proc/sys/net/ipv6 ] || echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6',
                'ip addr add %s/32 dev eth0' % self.address, 'ip link set eth0 up', 'ip route add %s dev eth0' % ROUTER, 'ip route add default via %s src %s' % (ROUTER, self.address),
                'echo up', 'exec sleep infinity']
        p = subprocess.Popen(['unshare', '--net', '--uts', '--mount', 'sh', '-ec', '\n'.join(made)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if p.stdout.readline() != 'born\n': raise AssertionError('no host ' + self.name)
        self.pid = p.pid; self.process = p
        sh('ip', 'link', 'add', self.link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', str(p.pid)); sh('sh', '-c', '[ ! -e /proc/sys/net/ipv6 ] || echo 1 > /proc/sys/net/ipv6/conf/%s/disable_ipv6' % self.link)
        sh('ip', 'link', 'set', self.link, 'up')
        sh('ip', 'route', 'add', self.address + '/32', 'dev', self.link)
        p.stdin.write('go\n'); p.stdin.flush()
        if p.stdout.readline() != 'up\n': raise AssertionError('no line to ' + self.name)

    # files: paths as the host sees them
    def path(self, name): return self.top + name
    def read(self, name): return open(self.path(name), encoding='utf-8', errors='surrogateescape').read() if os.path.exists(self.path(name)) else ''

    def write(self, name, text, user='root', mode=0o644):
        with open(self.path(name), 'w') as f: f.write(text)
        os.chmod(self.path(name), mode)
        if user != 'root': os.chown(self.path(name), *self.ids[user])

    def log(self): return '\n'.join(self.said)
    def mailbox(self, user):
        """The user's messages as the email package reads them."""
        path = self.path('/var/mail/' + user)
        if not os.path.exists(path): return []
        box = mailbox.mbox(path, create=False)
        while True:
            try: box.lock(); break   # as every reader of an mbox does
            except mailbox.ExternalClashError: time.sleep(0.01)
        try: return [email.message_from_bytes(box.get_bytes(k)) for k in box.keys()]
        finally: box.close()

    def run(self, *argv, user='root', text='', env=(), check=False, seconds=60):
        """The finished program, run on the host as the user, in their home."""
        uid, gid = self.ids[user]; home = self.homes[user]
        argv = ['nsenter', '-t', str(self.pid), '-m', '-n', '-u', '--', 'env', '-i', 'PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TZ=UTC', 'LC_ALL=C', 'TERM=dumb', 'HOME=' + home,
                'USER=' + user, 'LOGNAME=' + user, 'MAIL=/var/mail/' + user, *env, 'setpriv', '--reuid=%d' % uid, '--regid=%d' % gid, '--clear-groups', 'sh', '-c', 'cd ~ && exec "$@"', 'sh', *argv]
        got = subprocess.run(argv, input=text.encode('utf-8', 'surrogateescape'), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds)
        got.stdout = got.stdout.decode('utf-8', 'surrogateescape')
        if check and got.returncode: raise AssertionError('%s: %s: exit code %d\n%s' % (self.name, ' '.join(argv[argv.index('sh') + 4:]), got.returncode, got.stdout))
        return got

    def inside(self, work):
        """What work() returns when it runs in the host's network."""
        got = []
        def entered():
            fd = os.open('/proc/%d/ns/net' % self.pid, os.O_RDONLY)
            if ctypes.CDLL(None, use_errno=True).setns(fd, 0x40000000): raise OSError(ctypes.get_errno(), 'setns')
            os.close(fd)
            try: got.append((work(), None))
            except Exception as e: got.append((None, e))
        t = threading.Thread(target=entered); t.start(); t.join(60)
        if not got: raise AssertionError('no answer in the network of ' + self.name)
        if got[0][1]: raise got[0][1]
        return got[0][0]

    def smtp(self, server, port=25):
        """A session from this host with server (a Node or an address), before EHLO."""
        return self.inside(lambda: smtplib.SMTP(getattr(server, 'address', server), port, local_hostname=self.name, timeout=20))

    # the mail host on it
    def configure(self, mc, files=(), maps=()):
        """sendmail.cf from mc; files: {name in /etc/mail: text}; maps: {name: text}, made with makemap hash."""
        self.write('/etc/mail/sendmail.cf', self.net.makecf(mc))
        for name, text in dict(files).items(): self.write('/etc/mail/' + name, text)
        for name, text in dict(maps).items(): self.map(name, text)
        self.run('newaliases', check=True)

    def map(self, name, text):
        self.write('/etc/mail/' + name, text); self.run('makemap', 'hash', '/etc/mail/' + name, text=text, check=True)

    def start(self, *words):
        self.run('sendmail', '-bd', *(words or ('-q30m',)), check=True)
        self.master_pid = int(self.read('/run/hikyaku.pid').split()[0]) if os.path.exists(self.path('/run/hikyaku.pid')) else self.find_pid()

    def find_pid(self):
        for base in ('/run/sendmail.pid', '/var/run/sendmail.pid', '/run/sendmail/mta/sendmail.pid'):
            text = self.read(base.replace('/var/run', '/run'))
            if text: return int(text.split()[0])
        raise AssertionError('%s: no PID file' % self.name)

    def stop(self):
        os.kill(self.master_pid, 15); self.net.wait(lambda: not alive(self.master_pid), 'the daemon of %s to end' % self.name)

    def restart(self, *words): self.stop(); self.start(*words)
    def queued(self): return [l for l in self.run('hikyaku', 'queue', 'list', '--json').stdout.splitlines() if l.startswith('{')]
    def settled(self): return self.run('hikyaku', 'queue', 'idle', '--wait', '20')
    def cut(self): self.net.wait(self.quiet, 'connections of %s to end' % self.name); sh('ip', 'route', 'replace', 'unreachable', self.address + '/32')
    def join(self): sh('ip', 'route', 'replace', self.address + '/32', 'dev', self.link)

    def quiet(self):
        """No connection of this host is open: not even one kept for the next message."""
        with open('/proc/%d/net/tcp' % self.pid) as f: return all(l.split()[3] != '01' for l in f.read().splitlines()[1:])

    def packets(self):
        """Sent over its line since it was made: what a dial-up line would have been opened for."""
        shown = subprocess.run(['ip', '-s', 'link', 'show', self.link], stdout=subprocess.PIPE, text=True).stdout
        return int(re.search(r'RX:.*\n\s+\d+\s+(\d+)', shown)[1])
