"""The Debian package in a fresh root: apt is content, `mail -s test root` arrives and mutt reads it, an upgrade under load loses no
message, removal and purge leave nothing but the mail.
usage: package_test.py --build BUILD_DIR [--base DIR] [--keep]     needs root, namespaces, debootstrap, and Debian's archive by the network"""
import collections, os, pty, re, select, signal, smtplib, subprocess, threading, time

from common import expect
from fresh_root import ENV, run_inside, sh

PACKAGES = ['bsd-mailx', 'mutt']


def installs(deb):
    got = fresh.install(deb, *PACKAGES)
    expect(got.returncode == 0 and 'fault' not in got.stdout, 'apt installs it', got.stdout[-3000:])
    expect(fresh.run('apt-get', 'check').returncode == 0 and fresh.run('dpkg', '--audit').stdout == '', 'apt is content')
    agents = fresh.run('sh', '-c', "dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Provides}\n' | grep '^ii.*mail-transport-agent'").stdout.split()
    expect(agents[:2] == ['ii', 'hikyaku'] and agents.count('ii') == 1, 'it is the mail-transport-agent that the others want, and the only one', agents)
    expect('Remv hikyaku' in fresh.run('apt-get', '-s', 'install', 'exim4-daemon-light').stdout, 'another mail-transport-agent would take its place')
    got = fresh.run('service', 'hikyaku', 'status')
    expect(got.returncode == 0, 'it runs', got.stdout)
    for name in ('/usr/sbin/sendmail', '/usr/lib/sendmail', '/usr/bin/mailq', '/usr/bin/newaliases'):
        expect(os.path.realpath(fresh.root + name).endswith('hikyaku'), name)
    listens = sh('ss', '-Hlnt').stdout
    expect({l.split()[3] for l in listens.splitlines()} == {'127.0.0.1:25'}, 'it listens on the loopback alone', listens)
    got = fresh.run('hikyaku', 'explain', 'postmaster')
    expect('root' in got.stdout, 'postmaster is somebody', got.stdout)


def mail_arrives():
    expect(fresh.run('mail', '-s', 'test', 'root', input='hello from mail\n').returncode == 0, 'mail -s test root')
    fresh.wait(lambda: 'Subject: test' in fresh.box() and 'hello from mail' in fresh.box(), 'the message')
    got = fresh.run('mail', '-N', '-f', '/var/mail/root', input='headers\nprint 1\nexit\n')
    expect('hello from mail' in got.stdout, 'mail shows it', got.stdout)
    seen = fresh.root + '/tmp/seen'
    shown = mutt('<first-entry><pipe-message>cat>/tmp/seen<enter><exit>')
    expect(os.path.exists(seen) and 'hello from mail' in open(seen).read(), 'mutt reads it', shown)


def counts():
    """A StatusFile that was root's: it becomes the engine's, and whoever read it reads it still."""
    mc = fresh.root + '/etc/mail/sendmail.mc'; name = '/var/log/mail/statistics'
    with open(mc) as f: text = f.read()
    with open(mc, 'w') as f: f.write(re.sub(r'(?m)^(OSTYPE.*)$', r"\1\ndefine(`STATUS_FILE', `%s')dnl" % name, text, count=1))
    os.mkdir(fresh.root + '/var/log/mail'); open(fresh.root + name, 'w').close(); fresh.run('chown', 'root:adm', name); fresh.run('chmod', '640', name)
    got = fresh.run('make', '-C', '/etc/mail', 'install', 'restart')
    expect(got.returncode == 0, 'make install restart', got.stdout)
    expect(fresh.run('stat', '-c', '%U:%G %a', name).stdout == 'hikyaku:adm 640\n', 'StatusFile became the engine\'s', fresh.run('stat', '-c', '%U:%G %a', name).stdout)
    expect('status-file' not in fresh.run('hikyaku', 'check', '--no-dns').stdout, 'hikyaku check has nothing to say of it')
    fresh.run('sendmail', 'root', input='Subject: counted\n\nhello\n')
    fresh.wait(lambda: re.search(r'(?m)^ *\d+ .* local$', fresh.run('mailstats').stdout), 'mailstats counts')


def mutt(keys, seconds=60):
    """A mutt at a terminal of its own, which is told its keys; what it showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chroot(fresh.root); os.chdir('/')
        os.execvpe('mutt', ['mutt', '-n', '-F', '/dev/null', '-R', '-f', '/var/mail/root', '-e', 'set wait_key=no folder=/tmp', '-e', 'push "%s"' % keys], ENV)
    shown = b''; end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]: continue
        try: shown += os.read(terminal, 4096)
        except OSError: break   # it left
    else: os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0); os.close(terminal)
    return shown[-500:]


class Load(threading.Thread):
    """One client that sends all the time; what got its 250 is in `taken`. It goes on through refusals and cut connections."""

    def __init__(self, name): super().__init__(); self.label = name; self.taken = []; self.stop = threading.Event(); self.cut = 0; self.number = 0

    def run(self):
        while not self.stop.is_set():
            try:
                with smtplib.SMTP('127.0.0.1', 25, timeout=20) as s:
                    while not self.stop.is_set():
                        self.number += 1; ident = 'load-%s-%d-' % (self.label, self.number)
                        s.sendmail('a@localhost', ['root@localhost'], 'X-Id: %s\r\nSubject: load\r\n\r\nhello\r\n' % ident)
                        self.taken.append(ident)
            except (OSError, smtplib.SMTPException): self.cut += 1; time.sleep(0.02)


def upgrades(deb):
    loads = [Load(name) for name in 'abcd']; by_command = []
    def taken(): return [i for load in loads for i in load.taken]
    for load in loads: load.start()
    fresh.wait(lambda: len(taken()) > 80, 'the load')
    upgrade = subprocess.Popen(['chroot', fresh.root, 'apt-get', 'install', '-y', '--no-install-recommends', deb], env=ENV, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    reader = threading.Thread(target=lambda: said.append(upgrade.stdout.read())); said = []; reader.start()
    while upgrade.poll() is None:   # mail of commands goes in all the while, too
        ident = 'command-%d-' % len(by_command)
        if fresh.run('sendmail', 'root', input='X-Id: %s\n\nhello\n' % ident).returncode == 0: by_command.append(ident)
    reader.join(); before = len(taken())
    fresh.wait(lambda: len(taken()) > before + 80, 'mail after the upgrade')
    for load in loads: load.stop.set()
    for load in loads: load.join()
    expect(upgrade.returncode == 0, 'the upgrade', said[0][-3000:])
    expect('Version: 1.1' in fresh.run('dpkg', '-s', 'hikyaku').stdout, 'the new version is there')
    pid = fresh.run('head', '-n', '1', '/var/run/sendmail.pid').stdout.strip()
    expect(pid.isdigit() and '(deleted)' not in os.readlink(fresh.root + '/proc/%s/exe' % pid), 'the new program runs', pid)
    nothing_lost(taken(), by_command, sum(load.cut for load in loads))


def nothing_lost(taken, by_command, cut):
    fresh.run('hikyaku', 'queue', 'idle', '--wait', '60')
    expect(len(taken) > 160 and by_command, 'there was a load')
    # What a command left in the drop folder while nothing ran is taken in within half a minute.
    def arrived(): return collections.Counter(re.findall(r'(?m)^X-Id: (\S+)$', fresh.box()))
    def lost(): return set(taken + by_command) - set(arrived())
    fresh.wait(lambda: not lost(), 'every message that was taken', 90)
    expect(not lost(), 'every message that was taken arrived', sorted(lost())[:5], fresh.run('sh', '-c', 'ls -la /var/spool/hikyaku/drop; cat /proc/[0-9]*/comm | sort | uniq -c').stdout)
    twice = [i for i, n in arrived().items() if n > 1]
    expect(not twice, 'none arrived twice', twice[:5])
    print('   upgrade: %d messages taken by SMTP (connections cut or refused: %d), %d by command; %d lost, %d twice' % (len(taken), cut, len(by_command), len(lost()), len(twice)))


def removed(word):
    got = fresh.run('apt-get', word, '-y', 'hikyaku')
    expect(got.returncode == 0, word, got.stdout[-2000:])
    # (A dead process whose parent is the test itself has no words any more.)
    alive = fresh.run('sh', '-c', 'for p in $(grep -l hikyaku /proc/[0-9]*/comm); do tr "\\0" " " < ${p%comm}cmdline; done').stdout
    expect(not alive, word + ': nothing runs any more', alive)
    return got.stdout


def keeps_waiting_mail(deb):
    """A message that nobody can deliver yet outlives removal and purge, and the next installation has it."""
    def waits(): return 'bob@far.example' in fresh.run('hikyaku', 'queue', 'list').stdout
    expect(fresh.run('sendmail', 'bob@far.example', input='Subject: patience\n\nhello\n').returncode == 0, 'a message for elsewhere')
    fresh.wait(waits, 'it waits'); removed('remove')
    expect(os.path.exists(fresh.root + '/etc/mail/sendmail.mc'), 'removal leaves the configuration')
    said = removed('purge')
    expect('mail still waits' in said and os.path.isdir(fresh.root + '/var/spool/hikyaku/store'), 'a purge leaves the mail, and says so', said[-1000:])
    expect(not os.path.exists(fresh.root + '/etc/mail'), 'a purge takes the configuration', os.path.isdir(fresh.root + '/etc/mail') and os.listdir(fresh.root + '/etc/mail'))
    got = fresh.install(deb, *PACKAGES)
    expect(got.returncode == 0, 'installed again', got.stdout[-2000:])
    fresh.wait(waits, 'it waits in the new installation'); fresh.run('hikyaku', 'queue', 'purge', '--all')
    fresh.wait(lambda: not waits(), 'it is gone')


def leaves_no_trace(before):
    mail_before = fresh.box(); removed('remove'); removed('purge')
    expect(fresh.box() == mail_before, 'the mail is still there')
    known = ('/var/lib/', '/var/cache/', '/var/log/', '/tmp/', '/root/', '/var/mail/', '/var/spool/mail', '/etc/alternatives', '/run/')
    new = sorted(p for p in fresh.files() - before if not p.startswith(known))
    left = [p for p in new if fresh.run('dpkg', '-S', p).returncode != 0 and not re.match(r'/etc/(rc\d|resolv|ld\.so|.*-$)', p) and '__pycache__' not in p]
    expect(not [p for p in left if re.search('hikyaku|mail|alias', p)], 'files that nobody owns', left)
    accounts = ''.join(open(fresh.root + f).read() for f in ('/etc/passwd', '/etc/group', '/etc/shadow'))
    expect('hikyaku' not in accounts, 'users are gone')
    left = [p for p in fresh.files() if 'hikyaku' in p and not p.startswith(('/tmp/', '/var/log/', '/var/lib/apt', '/var/cache'))]
    expect(not left, 'nothing has our name', left)


def whole(root):
    global fresh
    fresh = root; fresh.make()
    first, second = fresh.packages('1.0', '1.1')
    fresh.download(first, *PACKAGES)
    before = fresh.files()
    fresh.name('fresh.example'); fresh.apart()
    installs(first); mail_arrives(); counts(); upgrades(second); keeps_waiting_mail(second); leaves_no_trace(before)


run_inside('the Debian package in a fresh root', __file__, whole)
