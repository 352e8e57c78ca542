"""The Debian package in a fresh root: apt is content, `mail -s test root` arrives and mutt reads it, an upgrade under load loses no
message, removal and purge leave nothing but the mail.
usage: package_test.py --build BUILD_DIR [--base DIR] [--keep]     needs root, namespaces, debootstrap, and Debian's archive by the network
--base: a minbase root made earlier, which is copied; --keep: the root is left where it was made, to be looked at"""
import argparse, collections, os, pty, re, select, shutil, signal, smtplib, subprocess, sys, tempfile, threading, time

from common import SOURCE, expect, failed, verdict
from namespaces import need_namespaces, skip

ap = argparse.ArgumentParser(); ap.add_argument('--build', required=True); ap.add_argument('--base'); ap.add_argument('--keep', action='store_true')
ap.add_argument('--inside', action='store_true')
args = ap.parse_args()
WHAT = 'the Debian package in a fresh root'
PACKAGES = ['bsd-mailx', 'mutt']
if not args.inside:
    need_namespaces(WHAT)
    if not args.base and not shutil.which('debootstrap'): skip(WHAT, 'the program debootstrap is missing')
    got = subprocess.run(['unshare', '--mount', '--pid', '--uts', '--fork', '--kill-child', sys.executable, os.path.abspath(__file__), *sys.argv[1:], '--inside'])
    sys.exit(got.returncode)


def sh(*words, **how): return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **how)


scratch = tempfile.mkdtemp(prefix='hikyaku-package.'); root = scratch + '/root'
ENV = {'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'DEBIAN_FRONTEND': 'noninteractive', 'LC_ALL': 'C', 'HOME': '/root', 'TERM': 'xterm'}


def in_root(*words, input=None, timeout=600): return sh('chroot', root, *words, input=input, env=ENV, timeout=timeout)


class Missing(Exception):
    """Something that the test needs of this machine or of Debian's archive."""


def must(got, what):
    if got.returncode == 0: return got.stdout
    print(got.stdout[-4000:]); raise Missing('%s failed (%s)' % (what, ' '.join(got.args[:6])))


def finish():
    if args.keep: print('   kept: ' + root); return
    sh('umount', '-l', root + '/proc', root + '/dev/pts')
    with open('/proc/self/mounts') as f: mounted = scratch in f.read()
    if not mounted: shutil.rmtree(scratch, ignore_errors=True)   # never through a mount into this machine


def debian():
    """This machine's Debian release and the archive that it installs from: debootstrap's words, with the root between them."""
    said = sh('apt-get', 'indextargets', '--format', '$(ORIGIN) $(CODENAME) $(COMPONENT) $(SITE)', 'Identifier: Packages').stdout
    for origin, release, component, site in (l.split() for l in said.splitlines() if l.count(' ') == 3):
        if origin == 'Debian' and component == 'main' and re.fullmatch('[a-z]+', release): return release, root, site
    raise Missing('apt knows no archive of Debian here')


def make_root():
    """A minbase Debian, with what apt needs and the packages of the test in its cache: the rest is done without a network."""
    sh('mount', '--make-rprivate', '/')
    if args.base: must(sh('cp', '-a', args.base, root), 'the copy')
    else: must(sh('debootstrap', '--variant=minbase', *debian(), timeout=1800), 'debootstrap')
    for kind, at in (('proc', '/proc'), ('devpts', '/dev/pts')): must(sh('mount', '-t', kind, kind, root + at), 'mount')
    with open(root + '/usr/sbin/policy-rc.d', 'w') as f: f.write('#!/bin/sh\nexit 0\n')   # no init system here, and yet services may start
    os.chmod(root + '/usr/sbin/policy-rc.d', 0o755)
    shutil.copy('/etc/resolv.conf', root + '/etc/resolv.conf')
    proxies = [l for l in sh('apt-config', 'dump').stdout.splitlines() if re.match(r'Acquire::[a-z]+::Proxy', l, re.I)]
    with open(root + '/etc/apt/apt.conf.d/90test', 'w') as f: f.write('\n'.join(proxies) + '\n')
    must(in_root('apt-get', 'update', '-q'), 'apt-get update')


def make_packages():
    for version in ('1.0', '1.1'):
        got = sh(SOURCE + '/package.sh', '--build', os.path.abspath(args.build), '--version', version, '--out', root + '/tmp')
        if got.returncode != 0: raise AssertionError('package.sh: ' + got.stdout[-2000:])
    return ['/tmp/' + n for n in sorted(os.listdir(root + '/tmp')) if n.endswith('.deb')]


def apart(fresh_name):
    """No network any more, a name of its own."""
    import ctypes
    CLONE_NEWNET = 0x40000000
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0: raise Missing('no right to make a network namespace')
    must(sh('ip', 'link', 'set', 'lo', 'up'), 'ip'); must(sh('hostname', fresh_name), 'hostname')
    for name, text in (('hosts', '127.0.0.1 localhost\n127.0.1.1 %s fresh\n' % fresh_name), ('hostname', fresh_name + '\n'), ('resolv.conf', 'nameserver 127.0.0.1\n')):
        with open(root + '/etc/' + name, 'w') as f: f.write(text)


def box(user='root'):
    path = root + '/var/mail/' + user
    return open(path, errors='replace').read() if os.path.exists(path) else ''


def wait(fact, what, seconds=60):
    end = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > end: expect(False, 'waited %d s for %s' % (seconds, what), in_root('hikyaku', 'queue', 'list').stdout); return
        time.sleep(0.1)


def files():
    found = set()
    for folder, dirs, names in os.walk(root):
        dirs[:] = [d for d in dirs if not os.path.ismount(os.path.join(folder, d))]
        found.update(os.path.join(folder, n)[len(root):] for n in names + dirs)
    return found


def installs(deb):
    got = in_root('apt-get', 'install', '-y', '--no-install-recommends', deb, *PACKAGES)
    expect(got.returncode == 0 and 'fault' not in got.stdout, 'apt installs it', got.stdout[-3000:])
    expect(in_root('apt-get', 'check').returncode == 0 and in_root('dpkg', '--audit').stdout == '', 'apt is content')
    agents = in_root('sh', '-c', "dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Provides}\n' | grep '^ii.*mail-transport-agent'").stdout.split()
    expect(agents[:2] == ['ii', 'hikyaku'] and agents.count('ii') == 1, 'it is the mail-transport-agent that the others want, and the only one', agents)
    expect('Remv hikyaku' in in_root('apt-get', '-s', 'install', 'exim4-daemon-light').stdout, 'another mail-transport-agent would take its place')
    got = in_root('service', 'hikyaku', 'status')
    expect(got.returncode == 0, 'it runs', got.stdout)
    for name in ('/usr/sbin/sendmail', '/usr/lib/sendmail', '/usr/bin/mailq', '/usr/bin/newaliases'):
        expect(os.path.realpath(root + name).endswith('hikyaku'), name)
    listens = sh('ss', '-Hlnt').stdout
    expect({l.split()[3] for l in listens.splitlines()} == {'127.0.0.1:25'}, 'it listens on the loopback alone', listens)
    got = in_root('hikyaku', 'explain', 'postmaster')
    expect('root' in got.stdout, 'postmaster is somebody', got.stdout)


def mail_arrives():
    expect(in_root('mail', '-s', 'test', 'root', input='hello from mail\n').returncode == 0, 'mail -s test root')
    wait(lambda: 'Subject: test' in box() and 'hello from mail' in box(), 'the message')
    got = in_root('mail', '-N', '-f', '/var/mail/root', input='headers\nprint 1\nexit\n')
    expect('hello from mail' in got.stdout, 'mail shows it', got.stdout)
    seen = root + '/tmp/seen'
    shown = mutt('<first-entry><pipe-message>cat>/tmp/seen<enter><exit>')
    expect(os.path.exists(seen) and 'hello from mail' in open(seen).read(), 'mutt reads it', shown)


def counts():
    """A StatusFile that was root's: it becomes the engine's, and whoever read it reads it still."""
    mc = root + '/etc/mail/sendmail.mc'; name = '/var/log/mail/statistics'
    with open(mc) as f: text = f.read()
    with open(mc, 'w') as f: f.write(re.sub(r'(?m)^(OSTYPE.*)$', r"\1\ndefine(`STATUS_FILE', `%s')dnl" % name, text, count=1))
    os.mkdir(root + '/var/log/mail'); open(root + name, 'w').close(); in_root('chown', 'root:adm', name); in_root('chmod', '640', name)
    got = in_root('make', '-C', '/etc/mail', 'install', 'restart')
    expect(got.returncode == 0, 'make install restart', got.stdout)
    expect(in_root('stat', '-c', '%U:%G %a', name).stdout == 'hikyaku:adm 640\n', 'StatusFile became the engine\'s', in_root('stat', '-c', '%U:%G %a', name).stdout)
    expect('status-file' not in in_root('hikyaku', 'check', '--no-dns').stdout, 'hikyaku check has nothing to say of it')
    in_root('sendmail', 'root', input='Subject: counted\n\nhello\n')
    wait(lambda: re.search(r'(?m)^ *\d+ .* local$', in_root('mailstats').stdout), 'mailstats counts')


def mutt(keys, seconds=60):
    """A mutt at a terminal of its own, which is told its keys; what it showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chroot(root); os.chdir('/')
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
    wait(lambda: len(taken()) > 80, 'the load')
    upgrade = subprocess.Popen(['chroot', root, 'apt-get', 'install', '-y', '--no-install-recommends', deb], env=ENV, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    reader = threading.Thread(target=lambda: said.append(upgrade.stdout.read())); said = []; reader.start()
    while upgrade.poll() is None:   # mail of commands goes in all the while, too
        ident = 'command-%d-' % len(by_command)
        if in_root('sendmail', 'root', input='X-Id: %s\n\nhello\n' % ident).returncode == 0: by_command.append(ident)
    reader.join(); before = len(taken())
    wait(lambda: len(taken()) > before + 80, 'mail after the upgrade')
    for load in loads: load.stop.set()
    for load in loads: load.join()
    expect(upgrade.returncode == 0, 'the upgrade', said[0][-3000:])
    expect('Version: 1.1' in in_root('dpkg', '-s', 'hikyaku').stdout, 'the new version is there')
    pid = in_root('head', '-n', '1', '/var/run/sendmail.pid').stdout.strip()
    expect(pid.isdigit() and '(deleted)' not in os.readlink(root + '/proc/%s/exe' % pid), 'the new program runs', pid)
    nothing_lost(taken(), by_command, sum(load.cut for load in loads))


def nothing_lost(taken, by_command, cut):
    in_root('hikyaku', 'queue', 'idle', '--wait', '60')
    expect(len(taken) > 160 and by_command, 'there was a load')
    # What a command left in the drop folder while nothing ran is taken in within half a minute.
    def arrived(): return collections.Counter(re.findall(r'(?m)^X-Id: (\S+)$', box()))
    def lost(): return set(taken + by_command) - set(arrived())
    wait(lambda: not lost(), 'every message that was taken', 90)
    expect(not lost(), 'every message that was taken arrived', sorted(lost())[:5], in_root('sh', '-c', 'ls -la /var/spool/hikyaku/drop; cat /proc/[0-9]*/comm | sort | uniq -c').stdout)
    twice = [i for i, n in arrived().items() if n > 1]
    expect(not twice, 'none arrived twice', twice[:5])
    print('   upgrade: %d messages taken by SMTP (connections cut or refused: %d), %d by command; %d lost, %d twice' % (len(taken), cut, len(by_command), len(lost()), len(twice)))


def removed(word):
    got = in_root('apt-get', word, '-y', 'hikyaku')
    expect(got.returncode == 0, word, got.stdout[-2000:])
    # (A dead process whose parent is the test itself has no words any more.)
    alive = in_root('sh', '-c', 'for p in $(grep -l hikyaku /proc/[0-9]*/comm); do tr "\\0" " " < ${p%comm}cmdline; done').stdout
    expect(not alive, word + ': nothing runs any more', alive)
    return got.stdout


def keeps_waiting_mail(deb):
    """A message that nobody can deliver yet outlives removal and purge, and the next installation has it."""
    def waits(): return 'bob@far.example' in in_root('hikyaku', 'queue', 'list').stdout
    expect(in_root('sendmail', 'bob@far.example', input='Subject: patience\n\nhello\n').returncode == 0, 'a message for elsewhere')
    wait(waits, 'it waits'); removed('remove')
    expect(os.path.exists(root + '/etc/mail/sendmail.mc'), 'removal leaves the configuration')
    said = removed('purge')
    expect('mail still waits' in said and os.path.isdir(root + '/var/spool/hikyaku/store'), 'a purge leaves the mail, and says so', said[-1000:])
    expect(not os.path.exists(root + '/etc/mail'), 'a purge takes the configuration', os.path.isdir(root + '/etc/mail') and os.listdir(root + '/etc/mail'))
    got = in_root('apt-get', 'install', '-y', '--no-install-recommends', deb, *PACKAGES)
    expect(got.returncode == 0, 'installed again', got.stdout[-2000:])
    wait(waits, 'it waits in the new installation'); in_root('hikyaku', 'queue', 'purge', '--all')
    wait(lambda: not waits(), 'it is gone')


def leaves_no_trace(before):
    mail_before = box(); removed('remove'); removed('purge')
    expect(box() == mail_before, 'the mail is still there')
    known = ('/var/lib/', '/var/cache/', '/var/log/', '/tmp/', '/root/', '/var/mail/', '/var/spool/mail', '/etc/alternatives', '/run/')
    new = sorted(p for p in files() - before if not p.startswith(known))
    left = [p for p in new if in_root('dpkg', '-S', p).returncode != 0 and not re.match(r'/etc/(rc\d|resolv|ld\.so|.*-$)', p) and '__pycache__' not in p]
    expect(not [p for p in left if re.search('hikyaku|mail|alias', p)], 'files that nobody owns', left)
    accounts = ''.join(open(root + f).read() for f in ('/etc/passwd', '/etc/group', '/etc/shadow'))
    expect('hikyaku' not in accounts, 'users are gone')
    left = [p for p in files() if 'hikyaku' in p and not p.startswith(('/tmp/', '/var/log/', '/var/lib/apt', '/var/cache'))]
    expect(not left, 'nothing has our name', left)


missing = ''
try:
    make_root()
    debs = make_packages()
    must(in_root('apt-get', 'install', '-y', '-q', '--download-only', '--no-install-recommends', debs[0], *PACKAGES), 'the download')
    before = files()
    apart('fresh.example')
    installs(debs[0]); mail_arrives(); counts(); upgrades(debs[1]); keeps_waiting_mail(debs[1]); leaves_no_trace(before)
except Missing as e: missing = str(e)
except (AssertionError, OSError, ValueError, subprocess.SubprocessError) as e: expect(False, 'the test came to its end', repr(e))
finally: finish()
if missing and not failed: skip(WHAT, missing)
verdict(WHAT)
