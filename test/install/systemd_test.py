"""The units under a systemd that runs as process 1 of a Debian of its own (namespaces; no container program): start, Type=notify, reload
sound and broken, a master that dies, an upgrade, the socket unit with a process for each connection, stop, purge.
usage: systemd_test.py --build BUILD_DIR [--base DIR] [--keep]     needs what package_test.py needs, and cgroup2"""
import collections, os, re, shutil, subprocess, sys, tempfile, time

from common import expect
from fresh_root import ENV, Missing, must, run_inside, sh

DEVICES = (('null', 1, 3), ('zero', 1, 5), ('full', 1, 7), ('random', 1, 8), ('urandom', 1, 9), ('tty', 5, 0))
# What process 1 needs before it is process 1. $1: the root.
BOOT = '''
mount --make-rprivate / && mount --bind "$1" "$1" && cd "$1" && mount -t proc proc proc && mount -t sysfs sysfs sys &&
mount -t cgroup2 cgroup2 sys/fs/cgroup && mount -t tmpfs -o mode=755 dev dev || exit 77
%s
mkdir dev/pts dev/shm; mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts; ln -s pts/ptmx dev/ptmx; ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=755 run run; ip link set lo up; mkdir -p old; pivot_root . old && umount -l /old
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --log-target=console < /dev/null > /console.log 2>&1
''' % '\n'.join('mknod -m 666 dev/%s c %d %d' % d for d in DEVICES)
SEND = '''
import smtplib, sys
for i in range(int(sys.argv[1])):
    with smtplib.SMTP('127.0.0.1', 25, timeout=60) as s: s.sendmail('root@localhost', ['root'], 'Subject: socket %d\\r\\n\\r\\nhello\\r\\n' % i)
'''


class Booted:
    """systemd as process 1 of `fresh`'s root; run() is a command in there."""

    def __init__(self, fresh):
        self.fresh = fresh; sh('umount', '-l', fresh.path('/proc'), fresh.path('/dev/pts')); sh('mount', '-t', 'proc', 'proc', '/proc')
        self.groups = tempfile.mkdtemp(dir=fresh.scratch); must(sh('mount', '-t', 'cgroup2', 'cgroup2', self.groups), 'mount of cgroup2')
        with open('/proc/self/cgroup') as f: own = re.search(r'(?m)^0::/(.*)$', f.read())
        self.group = os.path.join(self.groups, own[1] if own else '', 'hikyaku-test-%d' % int(time.time() * 1000)); os.mkdir(self.group)
        script = 'echo $$ > %s/cgroup.procs && exec unshare --cgroup --mount --pid --uts --ipc --net --fork --kill-child sh -c "$0" sh %s' % (self.group, fresh.root)
        self.outer = subprocess.Popen(['sh', '-c', script, BOOT], stdout=subprocess.DEVNULL)

    def up(self):
        end = time.monotonic() + 60
        while time.monotonic() < end and self.outer.poll() is None:
            self.pid = self.child()
            if self.pid and self.run('systemctl', 'is-system-running', '--wait').stdout.strip() in ('running', 'degraded'): return
            time.sleep(0.1)
        raise Missing('systemd does not run here as process 1 of namespaces')

    def child(self):
        try:
            with open('/proc/%d/task/%d/children' % (self.outer.pid, self.outer.pid)) as f: pid = f.read().split()
            with open('/proc/%s/comm' % pid[0]) as f: return int(pid[0]) if f.read() == 'systemd\n' else 0
        except (OSError, IndexError): return 0

    def run(self, *words, input=None): return sh('nsenter', '-t', str(self.pid), '-a', *words, input=input, env=dict(ENV, SYSTEMD_PAGER=''), timeout=300)
    def in_network(self, *words): return sh('nsenter', '-t', str(self.pid), '-n', *words, timeout=300)
    def shows(self, what, unit='hikyaku.service'): return self.run('systemctl', 'show', '--value', '-p', what, unit).stdout.strip()

    def wait(self, fact, what, seconds=60):
        end = time.monotonic() + seconds
        while not fact():
            if time.monotonic() > end: expect(False, 'waited %d s for %s' % (seconds, what), self.run('systemctl', 'status', 'hikyaku').stdout, self.run('journalctl', '-n', '40').stdout); return
            time.sleep(0.1)

    def end(self):
        if self.outer.poll() is None: self.outer.kill()
        self.outer.wait()
        for folder, _, _ in sorted(os.walk(self.group), reverse=True):
            for _ in range(50):   # a group is gone when its last process is
                try: os.rmdir(folder); break
                except OSError: time.sleep(0.1)
        sh('umount', '-l', self.groups)


def greeting(b):
    got = b.run('bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/25 && read -r -t 20 line <&3 && echo "$line" && echo QUIT >&3')
    return got.stdout.strip()


def installs(b, deb):
    got = b.run('apt-get', 'install', '-y', '--no-install-recommends', deb)
    expect(got.returncode == 0 and b.shows('ActiveState') == 'active' and b.shows('UnitFileState') == 'enabled', 'installed, enabled, started', got.stdout[-2000:], b.run('systemctl', 'status', 'hikyaku').stdout)
    expect((b.shows('Type'), b.shows('StatusText'), b.shows('SubState')) == ('notify', 'mail is taken', 'running'), 'Type=notify', b.shows('StatusText'))
    for unit in ('hikyaku.service', 'hikyaku-smtp.socket', 'hikyaku-smtp@1.service'):
        got = b.run('systemd-analyze', 'verify', '--man=no', unit); expect(got.returncode == 0 and not got.stdout, 'systemd-analyze verify ' + unit, got.stdout)
    exposure = re.search(r'Overall exposure level.*: ([\d.]+)', b.run('systemd-analyze', 'security', '--no-pager', 'hikyaku.service').stdout)
    expect(exposure and float(exposure[1]) < 6, 'systemd-analyze security', exposure and exposure[0]); print('   ' + exposure[0] if exposure else '')
    b.run('sendmail', 'root', input='Subject: first\n\nhello\n')
    b.wait(lambda: 'Subject: first' in b.fresh.box(), 'a message')


def writes_where_it_must(b):
    """What ProtectSystem= would forbid: a StatusFile in /etc/mail; and a program of an alias works in here."""
    with open(b.fresh.path('/etc/mail/sendmail.mc')) as f: text = f.read()
    with open(b.fresh.path('/etc/mail/sendmail.mc'), 'w') as f: f.write(re.sub(r'(?m)^(OSTYPE.*)$', r"\1\ndefine(`STATUS_FILE', `/etc/mail/statistics')dnl", text, count=1))
    open(b.fresh.path('/etc/mail/statistics'), 'w').close()
    with open(b.fresh.path('/etc/mail/aliases'), 'a') as f: f.write('program: "|cat > /var/tmp/by-program"\n')
    got = b.run('make', '-C', '/etc/mail', 'install', 'restart')
    expect(got.returncode == 0 and b.shows('ActiveState') == 'active', 'make install restart', got.stdout)
    b.run('sendmail', 'program', input='Subject: for a program\n\nhello\n'); at = b.fresh.path('/var/tmp/by-program')
    b.wait(lambda: os.path.exists(at) and 'for a program' in open(at).read(), 'the program of an alias')
    b.wait(lambda: re.search(r'(?m)^ *\d+ .* prog$', b.run('mailstats').stdout), 'mailstats counts')


def reloads(b):
    master = b.shows('MainPID'); cf = b.fresh.path('/etc/mail/sendmail.cf')
    with open(cf) as f: text = f.read()
    with open(cf, 'w') as f: f.write(text + 'Yonder\n')
    got = b.run('systemctl', 'reload', 'hikyaku')
    expect(got.returncode != 0 and b.shows('ActiveState') == 'active' and b.shows('MainPID') == master, 'reload of a broken configuration fails, and nothing changes', got.stdout)
    expect('unknown configuration line "Yonder"' in b.run('journalctl', '-u', 'hikyaku').stdout, 'the journal has the reason')
    with open(cf, 'w') as f: f.write(text.replace('\nO SmtpGreetingMessage=', '\nO SmtpGreetingMessage=anew '))
    got = b.run('systemctl', 'reload', 'hikyaku'); said = greeting(b)
    expect(got.returncode == 0 and said.startswith('220 anew') and b.shows('MainPID') == master, 'reload: in use when it returns', got.stdout, said)
    with open(cf, 'w') as f: f.write(text)


def comes_back(b):
    master = b.shows('MainPID'); got = b.run('systemctl', 'kill', '--signal=KILL', '--kill-who=main', 'hikyaku')
    expect(got.returncode == 0, 'the master is killed', got.stdout)
    b.wait(lambda: b.shows('ActiveState') == 'active' and b.shows('MainPID') not in ('0', master), 'a new master')
    b.run('sendmail', 'root', input='Subject: after the kill\n\nhello\n')
    b.wait(lambda: 'Subject: after the kill' in b.fresh.box(), 'a message to the new one')


def upgrades(b, deb):
    master = b.shows('MainPID'); got = b.run('apt-get', 'install', '-y', '--no-install-recommends', deb)
    exe = b.run('readlink', '/proc/%s/exe' % b.shows('MainPID')).stdout.strip()
    expect(got.returncode == 0 and b.shows('ActiveState') == 'active' and b.shows('MainPID') != master and exe == '/usr/sbin/hikyaku', 'the upgrade runs', got.stdout[-2000:], exe)


def socket_unit(b, messages=25):
    b.run('systemctl', 'disable', '--now', 'hikyaku.service')
    got = b.run('systemctl', 'enable', '--now', 'hikyaku-smtp.socket')
    expect(got.returncode == 0 and b.shows('ActiveState', 'hikyaku-smtp.socket') == 'active', 'the socket listens', got.stdout)
    got = b.in_network(sys.executable, '-c', SEND, str(messages))
    expect(got.returncode == 0, 'mail by the socket', got.stdout)
    def arrived(): return collections.Counter(re.findall(r'(?m)^Subject: (socket \d+)$', b.fresh.box()))
    b.wait(lambda: len(arrived()) == messages, 'each message of the socket')
    expect(max(arrived().values(), default=0) == 1, 'none of them twice', arrived())
    expect(b.shows('ActiveState') == 'inactive', 'no daemon beside it')
    b.run('systemctl', 'disable', '--now', 'hikyaku-smtp.socket')
    got = b.run('systemctl', 'enable', '--now', 'hikyaku.service'); expect(got.returncode == 0 and b.shows('ActiveState') == 'active', 'the daemon again', got.stdout)


def leaves(b):
    got = b.run('systemctl', 'stop', 'hikyaku')
    expect(got.returncode == 0 and (b.shows('ActiveState'), b.shows('Result')) == ('inactive', 'success'), 'stop', got.stdout, b.shows('Result'))
    b.run('systemctl', 'start', 'hikyaku'); got = b.run('apt-get', 'purge', '-y', 'hikyaku')
    listed = b.run('systemctl', 'list-units', '--all', '--no-legend', 'hikyaku*').stdout + b.run('systemctl', 'list-unit-files', '--no-legend', 'hikyaku*').stdout
    expect(got.returncode == 0 and not listed.strip(), 'purged, and systemd knows nothing of it', got.stdout[-2000:], listed)
    left = [p for p in b.fresh.files() if 'hikyaku' in p and not p.startswith(('/tmp/', '/var/log/', '/var/lib/apt', '/var/cache'))]
    expect(not left, 'nothing has our name', left)


def whole(fresh):
    if not shutil.which('nsenter'): raise Missing('the program nsenter is missing')
    fresh.make(); first, second = fresh.packages('1.0', '1.1')
    for deb in (first, second): shutil.move(fresh.path(deb), fresh.path('/var/cache/' + os.path.basename(deb)))   # /tmp may be another one there
    first, second = ('/var/cache/' + os.path.basename(deb) for deb in (first, second))
    must(fresh.install('systemd', 'systemd-sysv'), 'the installation of systemd'); fresh.download(first); fresh.name('sd.example'); os.unlink(fresh.path('/usr/sbin/policy-rc.d'))
    with open(fresh.path('/etc/resolv.conf'), 'w') as f: f.write('nameserver 127.0.0.1\n')
    b = Booted(fresh)
    try:
        b.up(); installs(b, first); writes_where_it_must(b); reloads(b); comes_back(b); upgrades(b, second); socket_unit(b); leaves(b)
    finally: b.end()


run_inside('the units under systemd', __file__, whole)
