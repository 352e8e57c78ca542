"""What an operator meets on a bad day: a broken sendmail.cf, a missing map, a full disk, no DNS, a used port. Each gives one clear
line (file, line, reason, cure), the right exit code, and loses no mail.
usage: trouble_test.py --bin build/bin [CASE]"""
import argparse, os, smtplib, socket, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
from mail_host import Host, ME

ap = argparse.ArgumentParser(); ap.add_argument('--bin', required=True); ap.add_argument('case', nargs='?'); args = ap.parse_args()
EX_TEMPFAIL, EX_OSERR, EX_OSFILE, EX_CONFIG, EX_SOFTWARE = 75, 71, 72, 78, 70


class Skip(Exception): pass


def expect(fact, what, *more):
    if not fact: raise AssertionError('%s\n%s' % (what, '\n'.join(str(m) for m in more)))


def message(ident, size=0): return 'From: a@localhost\r\nX-Id: %s\r\n\r\nhello\r\n%s' % (ident, ('x' * 70 + '\r\n') * (size // 72))


def send(host, ident, to=ME + '@localhost', size=0):
    with host.smtp() as s: s.sendmail('a@localhost', [to], message(ident, size))


def broken_cf(host):
    good = host.read('etc/mail/sendmail.cf')
    expect(host.run('sendmail', '-odq', ME, input=b'X-Id: waits\n\nhello\n').returncode == 0, 'a message before the accident')
    host.write('etc/mail/sendmail.cf', good.replace('Scheck_rcpt', 'Y what is this\nScheck_rcpt'))
    line = good[:good.index('Scheck_rcpt')].count('\n') + 1
    got = host.start()
    expect(got.returncode in (EX_CONFIG, EX_SOFTWARE), 'exit code', got.returncode, got.stdout)
    told = [l for l in got.stdout.splitlines() if '/etc/mail/sendmail.cf: line %d: ' % line in l]
    expect(len(told) == 1 and 'Y what is this' in told[0], 'one line that names file, line and reason', got.stdout)
    expect(len(got.stdout.splitlines()) == 1, 'nothing else', got.stdout)
    # a running one keeps its configuration when told to read a broken one
    host.write('etc/mail/sendmail.cf', good)
    expect(host.start().returncode == 0, 'starts with the good one')
    host.write('etc/mail/sendmail.cf', good.replace('Scheck_rcpt', 'Y what is this\nScheck_rcpt'))
    got = host.said('hikyaku', 'reload')
    expect(got.returncode != 0 and 'line %d' % line in got.stdout and 'stays' in got.stdout, 'reload refuses', got.stdout)
    send(host, 'after')
    host.run('sendmail', '-q', check=True)
    host.wait(lambda: 'X-Id: waits' in host.mailbox() and 'X-Id: after' in host.mailbox(), 'both messages')


def missing_cf(host):
    os.unlink(host.path('etc/mail/sendmail.cf'))
    got = host.start()
    expect(got.returncode in (EX_OSFILE, EX_CONFIG), 'exit code', got.returncode, got.stdout)
    expect(got.stdout.count('\n') == 1 and '/etc/mail/sendmail.cf' in got.stdout and 'No such file' in got.stdout, 'one line', got.stdout)


def missing_map(host):
    cf = host.read('etc/mail/sendmail.cf').replace('# --- options', 'Kallow hash -T<TMPF> /etc/mail/allow\n# --- options', 1)
    cf = cf.replace('Scheck_rcpt\n', 'Scheck_rcpt\nR$*\t\t\t$: $1 $| $(allow $1 $: OK $)\nR$* $| $* <TMPF>\t$#error $@ 4.3.0 $: "451 Temporary system failure. Please try again later."\nR$* $| $*\t\t$: $1\n', 1)
    host.write('etc/mail/sendmail.cf', cf)
    expect(host.start().returncode == 0, 'the start needs no map')
    with host.smtp() as s:
        s.ehlo(); s.mail('<a@localhost>'); code, text = s.rcpt('<%s@localhost>' % ME)
        expect(code == 451 and text.startswith(b'4.3.0'), 'a temporary refusal', code, text)
    told = [l for l in host.log().splitlines() if '/etc/mail/allow.db' in l]
    expect(told and 'allow' in told[0] and 'No such file' in told[0] and 'makemap' in told[0], 'the log names map, file, reason and cure', host.log())
    host.write('etc/mail/allow', 'x y\n')
    with open(host.path('etc/mail/allow')) as f: host.run('makemap', 'hash', '/etc/mail/allow', stdin=f, check=True)
    send(host, 'mapped')   # without a restart
    host.wait(lambda: 'X-Id: mapped' in host.mailbox(), 'the message')


def no_dns(host):
    expect(host.start().returncode == 0, 'starts without a name server')
    send(host, 'remote', 'joe@far.example')
    host.wait(lambda: 'stat=queued' in host.log(), 'the log line', 20)
    got = host.said('hikyaku', 'queue', 'list')
    expect('joe@far.example' in got.stdout and 'pending' in got.stdout, 'it waits', got.stdout)
    ident = got.stdout.split()[0]
    got = host.said('hikyaku', 'explain', ident)
    expect('host map: lookup (far.example): deferred' in got.stdout and 'It is tried next at' in got.stdout, 'explained', got.stdout)
    expect(host.mailbox() == '', 'no report yet')


def quarantined(host):
    """What a ruleset keeps back waits, is explained, and goes when the operator says so."""
    cf = host.read('etc/mail/sendmail.cf').replace('Scheck_rcpt\n', 'Scheck_mail\nR$* odd $*\t\t$#error $@ quarantine $: "looks odd"\nScheck_rcpt\n', 1)
    host.write('etc/mail/sendmail.cf', cf)
    expect(host.start().returncode == 0, 'starts')
    with host.smtp() as s: s.sendmail('odd@localhost', [ME + '@localhost'], message('kept'))
    ident = host.said('hikyaku', 'queue', 'list').stdout.split()[0]
    got = host.said('hikyaku', 'explain', ident)
    expect('quarantined (looks odd)' in got.stdout and 'queue release ' + ident in got.stdout, 'explained', got.stdout)
    host.run('sendmail', '-q', check=True); host.said('hikyaku', 'queue', 'idle', '--wait', '5')
    expect(host.mailbox() == '', 'a queue run leaves it', host.mailbox())
    expect(host.run('hikyaku', 'queue', 'release', ident, stdout=subprocess.DEVNULL).returncode == 0, 'released')
    host.run('hikyaku', 'queue', 'flush', ident, check=True, stdout=subprocess.DEVNULL)
    host.wait(lambda: 'X-Id: kept' in host.mailbox(), 'the message')


def used_port(host):
    with socket.create_server(('127.0.0.1', 0)) as other:
        host.port = other.getsockname()[1]
        got = host.start()
    expect(got.returncode == EX_OSERR, 'exit code', got.returncode, got.stdout)
    expect(got.stdout.count('\n') == 1 and str(host.port) in got.stdout and 'another mail system' in got.stdout, 'one line', got.stdout)
    expect(host.run('sendmail', ME, input=b'X-Id: all the same\n\nhello\n').returncode == 0, 'mail is taken all the same')
    host.wait(lambda: 'X-Id: all the same' in host.mailbox(), 'and delivered')


def full_disk(host):
    """A real one: a file system of 24 MB under the queue."""
    spool = host.path('var/spool/hikyaku'); os.makedirs(spool)
    done = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', spool], stderr=subprocess.PIPE, text=True)
    if done.returncode != 0: raise Skip('full_disk needs root and the right to mount: ' + done.stderr.strip())
    try:
        expect(host.start('-ODeliveryMode=queueonly').returncode == 0, 'starts')
        alive = host.family(); taken = []; refused = []
        for i in range(60):   # it stays full, and whoever comes hears so
            try: send(host, 'full-%d' % i, size=1 << 20); taken.append(i)
            except smtplib.SMTPResponseException as e: refused.append((e.smtp_code, e.smtp_error))
            except smtplib.SMTPRecipientsRefused as e: refused.extend(e.recipients.values())
        expect(len(refused) >= 20, 'the disk is full some time', len(taken))
        for code, text in refused: expect(code in (451, 452) and (b'disk space' in text or b'take the message' in text), 'a temporary refusal that says why', code, text)
        expect(host.family() == alive, 'nobody died of it', alive, host.family())
        host.stop()
        subprocess.run(['mount', '-o', 'remount,size=200m', spool], check=True)
        expect(host.start().returncode == 0, 'starts again')
        host.run('sendmail', '-q', check=True)
        host.wait(lambda: all('X-Id: full-%d\n' % i in host.mailbox() for i in taken), 'all %d that got their 250' % len(taken), 60)
    finally:
        host.stop(); subprocess.run(['umount', '-l', spool])


CASES = [broken_cf, missing_cf, missing_map, no_dns, quarantined, used_port, full_disk]
failed = skipped = 0
for case in CASES:
    if args.case and case.__name__ != args.case: continue
    host = Host(args.bin, 'trouble')
    try: case(host); print('ok    ' + case.__name__)
    except Skip as why: skipped += 1; print('SKIP  %s' % why)
    except (AssertionError, OSError, smtplib.SMTPException, subprocess.SubprocessError) as e: failed += 1; print('FAIL  %s: %s\n%s' % (case.__name__, e, host.log()[-3000:]))
    host.remove()
sys.exit(1 if failed else 77 if skipped else 0)
