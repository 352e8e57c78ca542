"""The engine of a running system is made to run foreign code: gdb calls what a stranger who got in would call. It can neither read a user's
file, nor write outside its own folders, nor run a program, nor start a process, nor reach the auth process's secrets; and mail still flows.
Twice: with the user hikyaku, and without it, where the engine keeps root's id and confinement alone stands in the way.
usage: confinement_test.py --bin build/bin"""
import argparse, errno, os, platform, re, shutil, signal, socket, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
from mail_host import Host, ME
from namespaces import need_namespaces, skip

ap = argparse.ArgumentParser(); ap.add_argument('--bin', required=True); ap.add_argument('--inside', choices=['user', 'root']); args = ap.parse_args()
AT_FDCWD = -100
PERM, ACCES = errno.EPERM, errno.EACCES
CALLS = {'x86_64': dict(openat=257, execve=59, clone=56, ptrace=101, socket=41, listen=50, connect=42, setuid=105),
         'aarch64': dict(openat=56, execve=221, clone=220, ptrace=117, socket=198, listen=201, connect=203, setuid=146)}.get(platform.machine())


def expect(fact, what, *more):
    if not fact: raise AssertionError('%s\n%s' % (what, '\n'.join(str(m) for m in more)))


def pid_of(host, name):
    for pid in host.family():
        try:
            if open('/proc/%d/comm' % pid).read().strip() == name: return pid
        except OSError: pass
    raise AssertionError('no process ' + name)


def foreign_calls(pid, calls):
    """[(value, errno)] of system calls that process `pid` makes itself. A call is (name, parameters), a parameter a number, a str or bytes."""
    words = ['gdb', '-q', '-batch', '-nx', '-iex', 'set debuginfod enabled off', '-ex', 'set confirm off', '-ex', 'set unwindonsignal on', '-p', str(pid)]
    def do(line): words.extend(['-ex', line])
    for name, parameters in calls:
        shown = []
        for i, p in enumerate(parameters):
            if isinstance(p, int): shown.append(str(p)); continue
            raw = p.encode() + b'\0' if isinstance(p, str) else p
            do('set $a%d = (unsigned char*)((void*(*)(unsigned long))malloc)(%d)' % (i, len(raw)))
            for at, byte in enumerate(raw): do('set $a%d[%d] = %d' % (i, at, byte))
            shown.append('$a%d' % i)
        do('set $r = -999')
        do('set $r = ((long(*)(long, ...))syscall)(%s)' % ', '.join([str(CALLS[name])] + shown))
        do('printf "MARK %d %d\\n", $r, *((int*(*)(void))__errno_location)()')
    out = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL, timeout=120).stdout
    got = [(int(a), int(b)) for a, b in re.findall(r'MARK (-?\d+) (\d+)', out)]
    expect(len(got) == len(calls) and all(value != -999 for value, _ in got), 'gdb made every call', out)
    return got


def inside(kind):
    """In a mount namespace of our own: /etc/passwd and /etc/group are ours."""
    subprocess.run(['mount', '--make-rprivate', '/'], check=True)
    host = Host(args.bin, 'confinement')
    host.write('tmp/passwd', ''.join(l for l in open('/etc/passwd') if not l.startswith('hikyaku')) +
               ('hikyaku:x:7701:7701::/nonexistent:/bin/false\nhikyaku-auth:x:7702:7702::/nonexistent:/bin/false\n' if kind == 'user' else ''))
    host.write('tmp/group', ''.join(l for l in open('/etc/group') if not l.startswith('hikyaku')) + ('hikyaku:x:7701:\nhikyaku-auth:x:7702:\n' if kind == 'user' else ''))
    for f in ('passwd', 'group'): subprocess.run(['mount', '--bind', host.path('tmp/' + f), '/etc/' + f], check=True)
    try: attack(host, kind)
    except BaseException:
        print(host.log()[-4000:]); raise
    finally: host.remove()


def attack(host, kind):
    os.chmod(host.path('var/log'), 0o777)   # without syslog the engine writes its log itself
    os.makedirs(host.path('home/joe'))
    host.write('home/joe/letter', 'private')           # readable for all by its mode: it is confinement that must say no
    host.write('etc/sasldb2', 'secret'); os.chmod(host.path('etc/sasldb2'), 0o600)
    os.makedirs(host.path('run/saslauthd'), mode=0o710)
    mux = socket.socket(socket.AF_UNIX); mux.bind(host.path('run/saslauthd/mux')); mux.listen(1)
    expect(host.start().returncode == 0, 'the system starts', host.log())
    expect('confined: files and system calls' in host.log(), 'the log says so', host.log())
    engine = pid_of(host, 'hikyaku-engine')
    uid = int(re.search(r'(?m)^Uid:\s+(\d+)', open('/proc/%d/status' % engine).read())[1])
    expect(uid == (7701 if kind == 'user' else 0), 'who the engine is', uid)

    read, create = os.O_RDONLY, os.O_WRONLY | os.O_CREAT
    wanted = [  # what, (function, parameters), the errno it must have; None: allowed
        ('its own folder may be written', ('openat', (AT_FDCWD, host.path('var/spool/hikyaku/store/foreign'), create, 0o600)), None),
        ("a user's file", ('openat', (AT_FDCWD, host.path('home/joe/letter'), read, 0)), ACCES),
        ("a user's mailbox", ('openat', (AT_FDCWD, host.path('var/mail/' + ME), create, 0o600)), ACCES),
        ('a new file elsewhere', ('openat', (AT_FDCWD, '/tmp/hikyaku-foreign', create, 0o600)), ACCES),
        ('the configuration, to write', ('openat', (AT_FDCWD, host.path('etc/mail/sendmail.cf'), os.O_WRONLY, 0)), ACCES),
        ('a program', ('execve', ('/bin/true', 0, 0)), PERM),
        ('another process', ('clone', (signal.SIGCHLD, 0, 0, 0, 0)), PERM),
        ("the auth process's memory", ('ptrace', (16, pid_of(host, 'hikyaku-auth'), 0, 0)), PERM),   # PTRACE_ATTACH
        ('a raw socket', ('socket', (socket.AF_INET, socket.SOCK_RAW, 255)), PERM),
        ('a listener of its own', ('listen', (0, 1)), PERM),
        ('another user id', ('setuid', (0,)), PERM),
        ('a socket', ('socket', (socket.AF_UNIX, socket.SOCK_STREAM, 0)), None),
    ]
    if kind == 'user': wanted.append(("the auth process's secrets", ('openat', (AT_FDCWD, host.path('etc/sasldb2'), read, 0)), ACCES))
    got = foreign_calls(engine, [call for _, call, _ in wanted])
    for (what, _, error), (value, number) in zip(wanted, got):
        if error is None: expect(value >= 0, what, value, number)
        else: expect(value < 0 and number == error, what, value, errno.errorcode.get(number, number))
    if kind == 'user':
        address = socket.AF_UNIX.to_bytes(2, sys.byteorder) + host.path('run/saslauthd/mux').encode() + b'\0'
        (value, number), = foreign_calls(engine, [('connect', (got[11][0], address, len(address)))])
        expect(value < 0 and number == ACCES, "a connection to saslauthd's socket", value, number)
    expect(not os.path.exists('/tmp/hikyaku-foreign'), 'nothing was made')
    with host.smtp() as s: s.sendmail('a@localhost', [ME + '@localhost'], 'From: a@localhost\r\nX-Id: still-alive\r\n\r\nhello\r\n')
    host.wait(lambda: 'X-Id: still-alive' in host.mailbox(), 'mail that still flows')


if args.inside: inside(args.inside); sys.exit(0)
need_namespaces('confinement', ('unshare', 'mount'))
if CALLS is None: skip('confinement', 'the numbers of system calls on %s are not known to this test' % platform.machine())
if not shutil.which('gdb'): skip('confinement', 'gdb, which plays the stranger, is missing')
for kind in ('user', 'root'):
    rc = subprocess.run(['unshare', '--mount', sys.executable, os.path.abspath(__file__), '--bin', args.bin, '--inside', kind]).returncode
    if rc != 0: sys.exit('the engine with %s: failed' % ('its own user' if kind == 'user' else "root's id"))
print('confinement holds: with a user of its own and without')
