"""Host: one Hikyaku in a root of its own, on a free port, for whole-system tests: no name service, nothing of the machine's."""
import os, pwd, re, shutil, signal, smtplib, socket, subprocess, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__)); DEMO = os.path.join(HERE, '..', '..', 'share', 'demo')
ME = pwd.getpwuid(os.getuid()).pw_name


def free_port():
    with socket.socket() as s: s.bind(('127.0.0.1', 0)); return s.getsockname()[1]


class Host:
    def __init__(self, bin_dir, name, next_hop=0):
        """next_hop: the port on this machine that all mail for elsewhere goes to; no name is asked for then."""
        self.bin = os.path.abspath(bin_dir); self.port = free_port(); self.root = tempfile.mkdtemp(prefix='hikyaku-%s.' % name)
        os.chmod(self.root, 0o755)
        for d in ('etc/mail', 'var/mail', 'var/log', 'var/spool', 'run', 'tmp'): os.makedirs(self.path(d))
        for f in ('sendmail.cf', 'aliases'): shutil.copy(os.path.join(DEMO, f), self.path('etc/mail/' + f))
        # how busy this machine is is no matter of a test
        self.write('etc/mail/sendmail.cf', self.read('etc/mail/sendmail.cf').replace('O LogLevel=9', 'O LogLevel=9\nO QueueLA=100000\nO RefuseLA=0', 1))
        self.write('etc/resolv.conf', 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n')   # refuses at once
        self.write('etc/hosts', '127.0.0.1 localhost %s\n' % socket.gethostname())
        if next_hop:
            cf = re.sub(r'A=TCP \$h', 'A=TCP [127.0.0.1] %d' % next_hop, self.read('etc/mail/sendmail.cf'))
            self.write('etc/mail/sendmail.cf', cf.replace('O LogLevel=9', 'O LogLevel=9\nO ConnectionCacheSize=2\nO ServiceSwitchFile=/etc/mail/service.switch'))
            self.write('etc/mail/service.switch', 'hosts files\naliases files\n')
        self.run('newaliases', check=True, stdout=subprocess.DEVNULL)

    def path(self, name): return os.path.join(self.root, name)
    def read(self, name): return open(self.path(name), errors='replace').read() if os.path.exists(self.path(name)) else ''

    def write(self, name, text):
        with open(self.path(name), 'w') as f: f.write(text)

    def run(self, name, *words, **how): return subprocess.run([os.path.join(self.bin, name), '--root', self.root, *words], **how)
    def said(self, name, *words): return self.run(name, *words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def start(self, *words):
        """The finished `sendmail -bd`; 0 means that the port answers."""
        return self.said('sendmail', '-bd', '-q1m', '-ODaemonPortOptions=Port=%d,Addr=127.0.0.1' % self.port, '-OPidFile=/run/hikyaku.pid', *words)

    def up(self, seconds=30):
        """Until the port greets."""
        def greets():
            try:
                with socket.create_connection(('127.0.0.1', self.port), 2) as c: c.settimeout(2); return c.recv(100).startswith(b'220')
            except OSError: return False
        self.wait(greets, 'the greeting', seconds)

    def master(self):
        try: return int(self.read('run/hikyaku.pid').split()[0])
        except (ValueError, IndexError): return 0

    def family(self):
        """{pid: 'master' | 'child'} of what lives."""
        m = self.master(); out = {}
        for p in os.listdir('/proc'):
            if not p.isdigit(): continue
            try:
                with open('/proc/%s/stat' % p) as f: fields = f.read().rsplit(')', 1)[1].split()
            except OSError: continue
            if fields[0] != 'Z' and m in (int(p), int(fields[1])): out[int(p)] = 'master' if int(p) == m else 'child'
        return out

    def pss_mib(self):
        kib = 0
        for p in self.family():
            try:
                with open('/proc/%d/smaps_rollup' % p) as f: kib += int(re.search(r'(?m)^Pss: +(\d+)', f.read())[1])
            except (OSError, TypeError): pass
        return kib / 1024

    def stop(self):
        pid = self.master()
        if not pid: return
        try: os.kill(pid, signal.SIGTERM)
        except OSError: return
        self.wait(lambda: not os.path.exists('/proc/%d' % pid), 'the master to end')

    def wait(self, fact, what, seconds=30):
        end = time.monotonic() + seconds
        while not fact():
            if time.monotonic() > end: raise AssertionError('waited %d s for %s' % (seconds, what))
            time.sleep(0.02)

    def smtp(self): return smtplib.SMTP('127.0.0.1', self.port, timeout=30)
    def mailbox(self): return self.read('var/mail/' + ME)
    def log(self): return self.read('var/log/maillog')

    def remove(self):
        self.stop(); shutil.rmtree(self.root, ignore_errors=True)
