"""A running host against programs of others: swaks, curl, Python's smtplib send, and sendmail -bs with a daemon and without; each message must be in the mailbox.
usage: smoke.py --bin build/bin"""
import argparse, os, pwd, re, shutil, signal, smtplib, socket, subprocess, sys, tempfile, time

ap = argparse.ArgumentParser(); ap.add_argument('--bin', required=True); args = ap.parse_args()
HERE = os.path.dirname(os.path.abspath(__file__)); BIN = os.path.abspath(args.bin); ME = pwd.getpwuid(os.getuid()).pw_name
root = tempfile.mkdtemp(prefix='hikyaku-interop.'); os.chmod(root, 0o755)
for d in ('etc/mail', 'var/mail', 'var/log', 'var/spool', 'run', 'tmp'): os.makedirs(os.path.join(root, d))
for f in ('sendmail.cf', 'aliases'): shutil.copy(os.path.join(HERE, '..', '..', 'share', 'demo', f), root + '/etc/mail/' + f)
open(root + '/etc/resolv.conf', 'w').write('nameserver 127.0.0.1\noptions timeout:1 attempts:1\n')   # refuses at once
open(root + '/etc/hosts', 'w').write('127.0.0.1 localhost %s\n' % socket.gethostname())
with socket.socket() as s: s.bind(('127.0.0.1', 0)); port = s.getsockname()[1]


def run(name, *more, **kw): return subprocess.run([os.path.join(BIN, name), '--root', root, *more], **kw)


def swaks(ident):
    subprocess.run(['swaks', '--silent', '2', '--server', '127.0.0.1:%d' % port, '--from', 'a@localhost', '--to', ME + '@localhost', '--header', 'X-Id: ' + ident], check=True)


def curl(ident):
    text = 'From: a@localhost\r\nX-Id: %s\r\n\r\nby curl\r\n' % ident
    subprocess.run(['curl', '-s', 'smtp://127.0.0.1:%d' % port, '--mail-from', 'a@localhost', '--mail-rcpt', ME + '@localhost', '-T', '-'], input=text.encode(), check=True)


def python(ident):
    with smtplib.SMTP('127.0.0.1', port, timeout=20) as s:
        s.sendmail('a@localhost', [ME + '@localhost'], 'From: a@localhost\r\nX-Id: %s\r\n\r\nby smtplib\r\n.dot\r\n' % ident)


def sendmail(ident):
    run('sendmail', '-oi', '-f', 'a@localhost', ME, input=('X-Id: %s\n\nby sendmail\n' % ident).encode(), check=True)


def over_pipes(ident):
    """sendmail -bs, one command at a time: mutt and pine speak so."""
    p = subprocess.Popen([os.path.join(BIN, 'sendmail'), '--root', root, '-bs'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for say, want in ((None, b'220'), ('EHLO me', b'250'), ('MAIL FROM:<a@localhost>', b'250'), ('RCPT TO:<%s>' % ME, b'250'), ('DATA', b'354'),
                      ('X-Id: %s\r\n\r\nby -bs\r\n.' % ident, b'250'), ('QUIT', b'221')):
        if say: p.stdin.write(say.encode() + b'\r\n'); p.stdin.flush()
        while True:
            line = p.stdout.readline()
            if not line.startswith(want): raise RuntimeError('%s: %r' % (say, line))
            if line[3:4] != b'-': break
    p.stdin.close()
    if p.wait() != 0: raise RuntimeError('exit code %d' % p.returncode)


senders = {'python': python, 'sendmail': sendmail, 'bs': over_pipes}
if shutil.which('swaks'): senders['swaks'] = swaks
if shutil.which('curl'): senders['curl'] = curl
run('newaliases', check=True, stdout=subprocess.DEVNULL)
over_pipes('before-the-daemon')   # by an engine started for it
run('sendmail', '-bd', '-q1m', '-ODaemonPortOptions=Port=%d,Addr=127.0.0.1' % port, '-OPidFile=/run/hikyaku.pid', check=True)
failed = []
try:
    for name, send in senders.items():
        try: send('interop-' + name)
        except Exception as e: failed.append('%s: %s' % (name, e))
    box = ''
    for _ in range(100):
        path = '%s/var/mail/%s' % (root, ME)
        box = open(path, errors='replace').read() if os.path.exists(path) else ''
        if box.count('X-Id: ') > len(senders) - len(failed): break
        time.sleep(0.1)
    if box.count('X-Id: before-the-daemon\n') != 1: failed.append('-bs without a daemon: not once in the mailbox')
    for name in senders:
        if len(re.findall(r'(?m)^X-Id: interop-%s$' % name, box)) != 1: failed.append(name + ': not once in the mailbox')
finally:
    try: os.kill(int(open(root + '/run/hikyaku.pid').readline()), signal.SIGTERM)
    except (OSError, ValueError): pass
print('sent by: ' + ' '.join(senders))
for f in failed: print('FAIL: ' + f)
if failed: print('log: %s/var/log/maillog' % root)
else: time.sleep(0.5); shutil.rmtree(root, ignore_errors=True)
sys.exit(1 if failed else 0)
