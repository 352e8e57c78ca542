"""What the tests of installation share: a mail folder of its own made from share/etc-mail, make of either kind, checks."""
import os, shutil, socket, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.abspath(os.path.join(HERE, '..', '..'))
sys.path.insert(0, os.path.join(HERE, '..', 'support'))
ETC_MAIL = os.path.join(SOURCE, 'share', 'etc-mail')
failed = []


def expect(fact, what, *more):
    if fact: return
    failed.append(what); print('FAIL  %s\n      %s' % (what, '\n      '.join(str(m) for m in more)))


def verdict(name):
    print('%s: %s' % (name, '%d failed' % len(failed) if failed else 'ok'))
    sys.exit(1 if failed else 0)


class MailRoot:
    """A root with the default /etc/mail in it, and the binary that works there."""

    def __init__(self, bin_dir, make='make'):
        self.bin = os.path.abspath(bin_dir); self.root = tempfile.mkdtemp(prefix='hikyaku-install.'); self.make_program = make
        os.chmod(self.root, 0o755)
        for d in ('var/mail', 'var/log', 'var/spool/mqueue', 'run', 'tmp'): os.makedirs(self.path(d))
        shutil.copytree(ETC_MAIL, self.path('etc/mail'))
        self.write('service.switch', 'hosts files\naliases files\n')   # nobody is asked for this machine's names
        self.write('etc/hosts', '127.0.0.1 host.example localhost %s\n' % socket.gethostname())

    def path(self, name): return os.path.join(self.root, name)
    def mail(self, name): return os.path.join(self.root, 'etc/mail', name)
    def there(self, name): return os.path.exists(self.mail(name))

    def read(self, name):
        with open(self.mail(name), errors='replace') as f: return f.read()

    def write(self, name, text):
        """In /etc/mail where the name has no folder. Newer than anything before: time stamps are too coarse to rely on."""
        path = self.path(name) if '/' in name else self.mail(name)
        with open(path, 'w') as f: f.write(text)
        newest = max(os.stat(os.path.join(os.path.dirname(path), n)).st_mtime_ns for n in os.listdir(os.path.dirname(path)))
        os.utime(path, ns=(newest + 1000000, newest + 1000000))

    def age(self):
        """Everything in /etc/mail becomes an hour older: what is made or changed after this is newer."""
        for n in os.listdir(self.mail('')):
            at = os.stat(self.mail(n)).st_mtime_ns - 3600 * 10**9
            os.utime(self.mail(n), ns=(at, at))

    def run(self, *words, input=None):
        return subprocess.run([os.path.join(self.bin, 'hikyaku'), '--root', self.root, *words], input=input, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)

    def make(self, *words):
        program = '%s --root %s' % (os.path.join(self.bin, 'hikyaku'), self.root)
        env = {k: v for k, v in os.environ.items() if not k.startswith('MAKE') and k != 'MFLAGS'}
        got = subprocess.run([self.make_program, 'HIKYAKU_PROGRAM=' + program, 'MAIL_DIR=/etc/mail', *words], cwd=self.mail(''), env=env,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        return got.returncode, got.stdout

    def remove(self): shutil.rmtree(self.root, ignore_errors=True)
