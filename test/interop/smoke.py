"""A running host against programs of others: swaks, curl, Python's smtplib send, and sendmail -bs with a daemon and without; each message must be in the mailbox.
usage: smoke.py --bin build/bin"""
import argparse, os, re, shutil, smtplib, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
from mail_host import Host, ME

ap = argparse.ArgumentParser(); ap.add_argument('--bin', required=True); args = ap.parse_args()
host = Host(args.bin, 'interop'); port = host.port


def swaks(ident):
    subprocess.run(['swaks', '--silent', '2', '--server', '127.0.0.1:%d' % port, '--from', 'a@localhost', '--to', ME + '@localhost', '--header', 'X-Id: ' + ident], check=True)


def curl(ident):
    text = 'From: a@localhost\r\nX-Id: %s\r\n\r\nby curl\r\n' % ident
    subprocess.run(['curl', '-s', 'smtp://127.0.0.1:%d' % port, '--mail-from', 'a@localhost', '--mail-rcpt', ME + '@localhost', '-T', '-'], input=text.encode(), check=True)


def python(ident):
    with smtplib.SMTP('127.0.0.1', port, timeout=20) as s:
        s.sendmail('a@localhost', [ME + '@localhost'], 'From: a@localhost\r\nX-Id: %s\r\n\r\nby smtplib\r\n.dot\r\n' % ident)


def sendmail(ident):
    host.run('sendmail', '-oi', '-f', 'a@localhost', ME, input=('X-Id: %s\n\nby sendmail\n' % ident).encode(), check=True)


def over_pipes(ident):
    """sendmail -bs, one command at a time: mutt and pine speak so."""
    p = subprocess.Popen([os.path.join(host.bin, 'sendmail'), '--root', host.root, '-bs'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
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
over_pipes('before-the-daemon')   # by an engine started for it
started = host.start()
if started.returncode != 0: sys.exit('the daemon did not start: ' + started.stdout)
failed = []
for name, send in senders.items():
    try: send('interop-' + name)
    except Exception as e: failed.append('%s: %s' % (name, e))
try: host.wait(lambda: host.mailbox().count('X-Id: ') > len(senders) - len(failed), 'all messages', 60)
except AssertionError as e: failed.append(str(e))
box = host.mailbox()
if box.count('X-Id: before-the-daemon\n') != 1: failed.append('-bs without a daemon: not once in the mailbox')
for name in senders:
    if len(re.findall(r'(?m)^X-Id: interop-%s$' % name, box)) != 1: failed.append(name + ': not once in the mailbox')
print('sent by: ' + ' '.join(senders))
for f in failed: print('FAIL: ' + f)
if failed: print(host.log()[-3000:])
host.remove()
sys.exit(1 if failed else 0)
