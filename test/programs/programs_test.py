#!/usr/bin/env python3
"""Mailers that speak LMTP or SMTP on pipes (P=/program with F=z, or without $u in A=): programs_test.py --bin DIR CASE.
Our own mail.local -l; a server that refuses one of two; SMTP with its parameters; one that hangs; the engine that dies in the middle."""
import argparse, os, re, signal, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
from mail_host import Host, ME

LMTPD = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lmtpd.py')


def expect(what, got, want):
    if got != want: raise AssertionError('%s: %r, not %r' % (what, got, want))


def contains(what, text, part):
    if part not in text: raise AssertionError('%s: no %r in:\n%s' % (what, part, text))


def local_mailer(host, program, words, *lines):
    cf = re.sub(r'(?m)^Mlocal,.*', r'Mlocal, P=%s, F=lsDFMA5:/|@qPSXmnz9, S=10/30, R=20/40, T=DNS/RFC822/SMTP, E=\\r\\n, A=%s' % (program, words), host.read('etc/mail/sendmail.cf'))
    host.write('etc/mail/sendmail.cf', cf.replace('O LogLevel=9', '\n'.join(['O LogLevel=9', *lines]), 1))


def lmtpd(host, *lines):
    os.mkdir(host.path('lmtpd')); local_mailer(host, sys.executable, 'python3 %s %s' % (LMTPD, host.path('lmtpd')), *lines)


def heard(host): return host.read('lmtpd/heard').splitlines()


def send(host, *words, text='Subject: x\n\nhello\n.dot\n'):
    r = host.run('sendmail', *words, input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return r.returncode, r.stdout.splitlines()


def mail_local(host):
    """FEATURE(local_lmtp) with our own program: what -v shows, and the mailbox."""
    local_mailer(host, os.path.join(host.bin, 'mail.local'), 'mail.local --root %s -l' % host.root)
    host.start(); host.up()
    code, said = send(host, '-v', ME)
    name = os.uname().nodename
    shown = [l for l in said if not l.startswith(('250-', '>>> LHLO'))]
    expect('-v', (code, shown), (0, [ME + '... Connecting to local...', '220 %s LMTP ready' % name, '250 PIPELINING', '>>> MAIL From:<%s>' % ME, '250 2.5.0 Ok', '>>> RCPT To:<%s>' % ME, '>>> DATA',
                                     '250 2.1.5 Ok', '354 Go ahead', '>>> .', '250 2.1.5 %s Ok' % ME, ME + '... Sent', 'Closing connection to local', '>>> QUIT', '221 2.0.0 Bye']))
    contains('the mailbox', host.mailbox(), '\n\nhello\n.dot\n\n')
    for i in range(5):
        with host.smtp() as s: s.sendmail(ME, [ME], 'Subject: number %d\r\n\r\nhi\r\n' % i)
    host.wait(lambda: host.mailbox().count('\nSubject: number ') == 5, 'five more')
    expect('mailq', host.said('mailq').stdout, '/var/spool/mqueue is empty\n\t\tTotal requests: 0\n')
    host.stop()


def one_refused(host):
    """Each recipient has its answer; the program is run once, also for the report."""
    lmtpd(host)
    host.start(); host.up()
    code, said = send(host, '-v', '-B8BITMIME', '-Nfailure', '-oem', 'joe', 'unknown', 'full')
    # in the order of the queue's end
    for line in ('>>> LHLO ', '>>> MAIL From:<%s> SIZE=' % ME, '>>> RCPT To:<unknown> NOTIFY=FAILURE', '550 5.1.1 nobody here', '>>> RCPT To:<joe> NOTIFY=FAILURE', '250 2.1.5 joe has it', '552 5.2.2 over quota', 'joe... Sent'):
        if not any(l.startswith(line) for l in said): raise AssertionError('-v shows no %r: %s' % (line, '\n'.join(said)))
    log = host.log()
    contains('the log', log, 'relay=local, dsn=2.1.5, stat=Sent')
    contains('the log', log, 'relay=local, dsn=5.1.1, reply=550 5.1.1 nobody here, stat=User unknown')
    contains('the log', log, 'relay=local, dsn=5.2.2, reply=552 5.2.2 over quota, stat=Service unavailable (over quota)')
    contains('the report', '\n'.join(heard(host)), '| Status: 5.2.2')
    expect('programs run', sum(l.startswith('start') for l in heard(host)), 1)
    host.stop()
    expect('its end', heard(host)[-2:], ['QUIT', 'end'])


def smtp(host):
    """No $u in A=, no F=z: SMTP, with -X; each message has its program."""
    os.mkdir(host.path('lmtpd')); host.write('lmtpd/smtp', '')
    cf = host.read('etc/mail/sendmail.cf').replace('A=TCP $h', 'A=python3 %s %s $h' % (LMTPD, host.path('lmtpd'))); cf = re.sub(r'(?m)^Mesmtp,\s*P=\[IPC\], F=', 'Mesmtp, P=%s, F=S' % sys.executable, cf)
    host.write('etc/mail/sendmail.cf', cf.replace('O LogLevel=9', 'O LogLevel=9\nO ServiceSwitchFile=/etc/mail/service.switch', 1)); host.write('etc/mail/service.switch', 'hosts files\naliases files\n')
    host.start(); host.up(); at = host.path('traffic')
    code, said = send(host, '-v', '-odi', 'ann@far.example', 'bob@far.example')
    expect('exit code', code, 0)
    expect('-v', said[0], 'bob@far.example,ann@far.example... Connecting to far.example via esmtp...')
    expect('-v', said[-3:], ['bob@far.example,ann@far.example... Sent (taken)', '>>> QUIT', '221 2.0.0 bye'])
    send(host, '-X', at, '-odi', 'ann@far.example')
    traffic = [l[6:] for l in open(at).read().splitlines()]
    contains('-X', '\n'.join(traffic), '=== EXEC python3 %s' % LMTPD); expect('-X', traffic[-3:], ['>>> QUIT', '<<< 221 2.0.0 bye', '<<< [EOF]'])
    contains('the log', host.log(), 'mailer=esmtp, pri=60023, relay=far.example, dsn=2.0.0, stat=Sent (taken)')
    expect('programs run', sum(l.startswith('start') for l in heard(host)), 2)
    host.stop()


def hung(host):
    """Timeout.initial; the program is ended after W=."""
    lmtpd(host, 'O Timeout.initial=1s'); host.write('lmtpd/hang', '')
    host.write('etc/mail/sendmail.cf', host.read('etc/mail/sendmail.cf').replace('E=\\r\\n, A=python3', 'E=\\r\\n, W=1, A=python3', 1))
    host.start(); host.up(); send(host, '-odi', 'joe')
    contains('the log', host.log(), 'stat=Deferred: Connection timed out with local')
    pid = int(heard(host)[0].split()[1])
    host.wait(lambda: not os.path.exists('/proc/%d' % pid), 'the program to be ended')
    contains('mailq', host.said('mailq').stdout, '(Deferred: Connection timed out with local)')
    os.unlink(host.path('lmtpd/hang')); host.said('sendmail', '-q')
    host.wait(lambda: 'stat=Sent' in host.log(), 'the next try')
    host.stop()


def killed(host):
    """The engine dies while the program has the message and has not answered: the message is there, and goes out again."""
    lmtpd(host); host.write('lmtpd/wait', ''); host.start(); host.up()
    with host.smtp() as s: s.sendmail(ME, ['joe'], 'Subject: y\r\n\r\nhi\r\n')
    host.wait(lambda: '| .' in heard(host), 'the message')
    for pid in host.family(): os.kill(pid, signal.SIGKILL)
    host.wait(lambda: not host.family(), 'the processes to be gone')
    os.unlink(host.path('lmtpd/wait')); host.start(); host.up()
    host.wait(lambda: 'stat=Sent' in host.log(), 'the second try')
    expect('tries', sum(l == '| .' for l in heard(host)), 2)
    host.stop()


def main():
    p = argparse.ArgumentParser(); p.add_argument('--bin', required=True); p.add_argument('case', choices=sorted(CASES)); o = p.parse_args()
    host = Host(o.bin, 'programs')
    try:
        CASES[o.case](host); print('%s: passed' % o.case)
    except BaseException:
        print(host.log()[-4000:], file=sys.stderr); raise
    finally: host.remove()


CASES = {'hung': hung, 'killed': killed, 'mail_local': mail_local, 'one_refused': one_refused, 'smtp': smtp}
if __name__ == '__main__': main()
