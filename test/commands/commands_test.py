#!/usr/bin/env python3
"""Commands that ask, or take over from, what runs: commands_test.py --bin DIR. One host in a root of its own, on a free port.
Queue daemons (requirement C4): -q1h alone; -bd takes over and keeps the interval; -q30m beside it changes the interval and leaves;
-Ac -q30m leaves at once. mailq -Ac lists the drop folder; praliases prints what newaliases stored; mailstats reads a StatusFile.
The engine counts into it what sendmail counts, where it exists. hoststat
and purgestat list and delete what sendmail left of other hosts; the engine keeps the same; SingleThreadDelivery."""
import argparse, fcntl, os, re, smtplib, socket, struct, subprocess, sys, threading, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
from mail_host import Host, ME

ALONE = '/run/hikyaku-alone.pid'


def expect(what, got, want):
    if got != want: raise AssertionError('%s: %r, not %r' % (what, got, want))


def contains(what, text, part):
    if part not in text: raise AssertionError('%s: no %r in:\n%s' % (what, part, text))


def leaving(host):
    """An engine that answers, and is gone before the question comes: another is started."""
    where = host.path('run/hikyaku/control'); os.makedirs(os.path.dirname(where), exist_ok=True)
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(where); s.listen()
        def answer_once():
            with s.accept()[0] as c: c.recv(100); os.unlink(where); c.sendall(struct.pack('>II', 11, 0) + b'{"ok":true}')
        t = threading.Thread(target=answer_once); t.start()
        got = host.said('mailq'); t.join()
    expect('mailq', (got.returncode, got.stdout), (0, '/var/spool/mqueue is empty\n\t\tTotal requests: 0\n'))


def queue_daemons(host):
    alone = host.said('sendmail', '-q1h', '-OPidFile=' + ALONE)
    expect('sendmail -q1h', alone.returncode, 0)
    host.wait(lambda: 'queueing@01:00:00' in host.log(), 'the queue daemon')
    if 'SMTP+' in host.log(): raise AssertionError('a queue daemon listens')
    first = int(host.read(ALONE.lstrip('/')).split()[0])
    expect('sendmail -bd', host.said('sendmail', '-bd', '-ODaemonPortOptions=Port=%d,Addr=127.0.0.1' % host.port, '-OPidFile=/run/hikyaku.pid').returncode, 0)
    host.up()
    contains('the interval it took over', host.log(), 'SMTP+queueing@01:00:00')
    host.wait(lambda: not os.path.exists('/proc/%d' % first), 'the queue daemon to leave')
    daemon = host.master(); before = host.family()
    beside = host.said('sendmail', '-q30m', '-OPidFile=' + ALONE)
    expect('sendmail -q30m beside it', (beside.returncode, beside.stdout), (0, ''))
    contains('the new interval', host.log(), 'queue runs from now on: SMTP+queueing@00:30:00')
    client = host.said('sendmail', '-Ac', '-q30m', '-OPidFile=' + ALONE)
    expect('sendmail -Ac -q30m', (client.returncode, client.stdout), (0, ''))
    expect('what runs', (host.master(), host.family()), (daemon, before))
    host.up()
    host.stop()


def dropped(host):
    host.write('etc/mail/submit.cf', host.read('etc/mail/sendmail.cf').replace('O LogLevel', 'O QueueDirectory=/var/spool/clientmqueue\nO LogLevel', 1))
    empty = host.said('mailq', '-Ac')
    expect('mailq -Ac', (empty.returncode, empty.stdout), (0, '/var/spool/clientmqueue is empty\n\t\tTotal requests: 0\n'))


def aliases(host):
    host.write('etc/mail/aliases', 'postmaster: root\nList: one,\n  two\nroot: joe\n')
    expect('newaliases', host.said('newaliases').returncode, 0)
    everything = host.said('praliases').stdout.splitlines()
    expect('praliases', sorted(everything), ['@:@', 'list:one,  two', 'postmaster:root', 'root:joe'])
    expect('praliases KEY', host.said('praliases', 'root', 'List').stdout, 'root:joe\nList: No such key\n')
    expect('praliases -f', host.said('praliases', '-f', '/etc/mail/none').stdout, 'praliases: /etc/mail/none: open: Unknown database type\n')
    host.start(); host.up(); host.said('newaliases')
    contains('the log', host.log(), 'alias database /etc/mail/aliases rebuilt by '); contains('the log', host.log(), '/etc/mail/aliases: 3 aliases, longest ')
    host.stop()


def class_programs(host):
    """F{w}|program: it runs at the start, as the engine may run nothing; a reload keeps its words."""
    os.makedirs(host.path('bin'))
    host.write('bin/names', '#!/bin/sh\necho ours.example; echo hers.example\n'); os.chmod(host.path('bin/names'), 0o755)
    cf = host.read('etc/mail/sendmail.cf')
    host.write('etc/mail/sendmail.cf', cf.replace('O LogLevel', 'F{w}|%s\nO LogLevel' % host.path('bin/names'), 1))
    expect('the start', host.start().returncode, 0); host.up()
    def asked():
        with host.smtp() as c: c.ehlo('here'); c.mail('a@b.example'); return c.rcpt('nosuch@hers.example')
    expect('a name of ours', asked(), (550, b'5.1.1 <nosuch@hers.example>... User unknown'))
    expect('hikyaku reload', host.said('hikyaku', 'reload').returncode, 0)
    expect('a name of ours', asked(), (550, b'5.1.1 <nosuch@hers.example>... User unknown'))
    host.write('etc/mail/sendmail.cf', cf.replace('O LogLevel', 'F{w}|/bin/another\nO LogLevel', 1))
    contains('a program that did not run', host.said('hikyaku', 'reload').stdout, 'programs of classes run at the start: restart')
    expect('a name of ours', asked(), (550, b'5.1.1 <nosuch@hers.example>... User unknown'))
    host.stop()


def program_maps(host):
    """The engine may run nothing: the agent runs what a map names."""
    os.makedirs(host.path('bin'))
    host.write('bin/asked', '#!/bin/sh\ntest "$1" = yes@local || exit 75\necho "of $1 by $AGENT"\necho more\n'); os.chmod(host.path('bin/asked'), 0o755)
    host.write('etc/mail/sendmail.cf', host.read('etc/mail/sendmail.cf') + 'Kasked program -T<TMP> /bin/asked\nScheck_mail\nR< $+ >\t\t$: $(asked $1 $: nothing $)\n'
               'R$* < TMP >\t\t$#error $@ 4.3.0 $: "451 not now"\nR$*\t\t$#error $@ 5.7.1 $: "550 " $1\n')
    expect('the start', host.start().returncode, 0); host.up()
    with smtplib.SMTP('127.0.0.1', host.port, timeout=20) as client:
        client.ehlo('here')
        expect('what it said', client.mail('yes@local'), (550, b'5.7.1 <yes@local>... of yes@local by sendmail'))
        expect('EX_TEMPFAIL', client.mail('no@local')[0], 451)
    host.stop()


def statistics(host):
    file = bytearray(1448); struct.pack_into('<IIqh', file, 0, 0x1b1de, 4, 1795614820, 1448)
    for at, n in ((72, 4), (272, 7), (448, 1), (648, 3)): struct.pack_into('<q', file, at, n)
    with open(host.path('var/log/sendmail.st'), 'wb') as f: f.write(file)
    lines = host.said('mailstats', '-p', '-f', '/var/log/sendmail.st').stdout.splitlines()
    expect('since when', lines[0].split()[0], '1795614820')
    expect('the local mailer', lines[2], ' 3        4          7        0          0        0       0       0  local')
    expect('the sums', lines[3:], [' T        4          7        1          3        0       0       0', ' C        0        0      0'])
    expect('-p begins anew', os.path.getsize(host.path('var/log/sendmail.st')), 0)
    expect('no such file', host.said('mailstats', '-f', '/none').returncode, 66)


def figures(host):
    """{mailer's name: its numbers}, and the connections."""
    out = {}
    for line in host.said('mailstats', '-P', '-f', '/var/log/counted.st').stdout.splitlines()[1:]:
        words = line.split()
        if words[0] == 'C': out['C'] = [int(w) for w in words[1:]]
        elif words[0] != 'T': out[words[8]] = [int(w) for w in words[1:8]]
    return out


def counted(host):
    cf = host.read('etc/mail/sendmail.cf').replace('O LogLevel=9', 'O LogLevel=9\nO StatusFile=/var/log/counted.st', 1)
    host.write('etc/mail/sendmail.cf', cf.replace('\nScheck_rcpt\n', '\nScheck_rcpt\nR$* refused $*\t$#error $@ 5.7.1 $: "550 no"\n', 1))
    host.start(); host.up()
    host.stop()
    if os.path.exists(host.path('var/log/counted.st')): raise AssertionError('the engine made the file')
    host.write('var/log/counted.st', ''); os.chmod(host.path('var/log/counted.st'), 0o666)
    expect('the second start', host.start().returncode, 0)
    host.up(); host.wait(lambda: figures(host).get('C', [0])[0] > 0, 'the connection to be counted while it runs')
    host.write('var/log/counted.st', '')   # as mailstats -p does
    with host.smtp() as c:
        c.sendmail(ME, [ME], 'Subject: small\r\n\r\nhello\r\n')
        c.sendmail(ME, [ME], 'Subject: large\r\n\r\n' + 'hello hello\r\n' * 200)
        c.mail(ME)
        expect('a refusal', c.rcpt('refused')[0], 550)
    host.wait(lambda: host.mailbox().count('Subject: ') == 2, 'two messages')
    host.stop()   # what was not written yet is now
    got = figures(host)
    expect('the local mailer', got['local'], [2, 4, 2, 4, 1, 0, 0])
    expect('taken, made, refused', got['C'], [1, 0, 1])


def host_status(host):
    """What sendmail left below HostStatusDirectory: listed as its hoststat does, deleted by age."""
    cf = host.read('etc/mail/sendmail.cf').replace('O LogLevel=9', 'O LogLevel=9\nO HostStatusDirectory=.hoststat\nO Timeout.hoststatus=1h', 1)
    expect('without the option', (host.said('hoststat').returncode, host.said('hoststat').stdout), (0, ''))
    host.write('etc/mail/sendmail.cf', cf)
    expect('no such folder', host.said('hoststat').stdout, 'Warning: Cannot use HostStatusDirectory = .hoststat: No such file or directory\n')
    below = 'var/spool/mqueue/.hoststat/'
    os.makedirs(host.path(below + 'example./mail.'))
    expect('an empty folder', host.said('hoststat').stdout, '')
    now = int(time.time())
    host.write(below + 'example./mail./one', 'V0\nE111\nH0\nS75\nD4.4.1\nU%d\n.\n' % (now - 200000))
    host.write(below + 'example./two', 'V0\nE0\nH0\nS0\nU%d\n.\n' % (now + 3600))   # of a clock that went back: no time ago
    with open(host.path(below + 'example./two')) as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        lines = host.said('hoststat').stdout.splitlines()
    expect('the head', lines[0], ' -------------- Hostname --------------- How long ago ---------Results---------')
    expect('a host that refused', (lines[1][:47], lines[1][53:]), (' one.mail.example                          2+07', ' Deferred: Connection refu'))
    expect('a busy host', lines[2], '*two.example                                 00:00:00 OK')
    contains('-v', host.said('hoststat', '-v').stdout, ' Deferred: Connection refused\n')
    host.write(below + 'example./three', 'garbage\n')
    contains('no status', host.said('hoststat').stdout, '.hoststat/example./three: could not read status file\n')
    os.utime(host.path(below + 'example./mail./one'), (now - 7200, now - 7200))
    expect('purgestat', (host.said('purgestat').returncode, sorted(os.listdir(host.path(below + 'example.')))), (0, ['mail.', 'three', 'two']))
    expect('the old one', os.listdir(host.path(below + 'example./mail.')), [])
    host.said('sendmail', '-OTimeout.hoststatus=0s', '-bH')
    expect('everything', os.listdir(host.path(below + 'example.')), ['mail.'])


class NextHop:
    """A host that greets as it is told, and takes every message, but none for nobody."""
    def __init__(self):
        self.greeting = '220 next ESMTP'; self.greeted = 0; self.open = self.most = 0; self.lock = threading.Lock()
        self.socket = socket.create_server(('127.0.0.1', 0)); self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.take, daemon=True).start()

    def take(self):
        while True: threading.Thread(target=self.talk, args=(self.socket.accept()[0],), daemon=True).start()

    def talk(self, c):
        with self.lock: self.greeted += 1; self.open += 1; self.most = max(self.most, self.open)
        with c, c.makefile('rwb') as f:
            def say(words): f.write(words.encode() + b'\r\n'); f.flush()
            say(self.greeting); data = False
            for line in f if self.greeting.startswith('2') else ():
                word = line.strip().upper()
                if data: data = word != b'.'; word = b'' if data else b'.'
                if word == b'DATA': data = True; say('354 go')
                elif word: say('221 bye' if word == b'QUIT' else '550 5.1.1 nobody' if word.startswith(b'RCPT TO:<NOBODY') else '250 2.0.0 taken' if word == b'.' else '250 ok')
                if word == b'QUIT': break
        with self.lock: self.open -= 1


def host_kept(host, next_hop):
    """The engine keeps what a host did, in sendmail's form; one that failed is left alone, also after a restart."""
    cf = host.read('etc/mail/sendmail.cf').replace('O LogLevel=9', 'O LogLevel=9\nO HostStatusDirectory=.hoststat\nO DeliveryMode=i', 1)
    host.write('etc/mail/sendmail.cf', cf)
    folder = host.path('var/spool/mqueue/.hoststat'); os.makedirs(folder); os.chmod(folder, 0o777)
    one = lambda: host.read('var/spool/mqueue/.hoststat/1./0./0./127')
    next_hop.greeting = '421 4.3.2 busy'
    host.start(); host.up()
    send = lambda who: host.run('sendmail', who, input='Subject: x\n\nhello\n', text=True, check=True)
    send('joe@elsewhere.example')
    host.wait(lambda: 'stat=Deferred: 421 4.3.2 busy' in host.log(), 'the first delivery')
    host.wait(lambda: one(), 'the status to be written')
    expect('what is kept', re.sub(r'U\d+', 'U', one()), 'V0\nE0\nH0\nS75\nD4.5.0\nR421 4.3.2 busy\nU\n.\n')
    contains('hoststat', host.said('hoststat').stdout, ' 127.0.0.1                                ')
    contains('mailq', host.said('mailq').stdout, '\n                 (Deferred: 421 4.3.2 busy)\n\t\t\t\t\t joe@elsewhere.example\n')
    send('caf\u00e9\\joe@elsewhere.example')
    contains('what cannot be printed', host.said('mailq').stdout, '\n\t\t\t\t\t caf\\303\\251\\\\joe@elsewhere.example\n')
    send('ann@elsewhere.example')
    host.wait(lambda: 'relay=[127.0.0.1], dsn=4.5.0, stat=Deferred\n' in host.log(), 'the second, not tried')
    expect('connections', next_hop.greeted, 1)
    host.stop()
    next_hop.greeting = '220 next ESMTP'
    host.start(); host.up()
    send('eve@elsewhere.example')
    host.wait(lambda: host.log().count('stat=Deferred\n') > 1, 'the third, after a restart')
    expect('connections', next_hop.greeted, 1)
    expect('purgestat', host.said('sendmail', '-OTimeout.hoststatus=0s', '-bH').returncode, 0)
    host.said('sendmail', '-qf')
    expect('what was sent after purgestat', host.log().count('stat=Sent'), 4)
    host.wait(lambda: 'S0\nD2.0.0\nR250 2.0.0 taken\n' in one(), 'the better status')
    host.stop()


def one_at_a_time(host, next_hop):
    """SingleThreadDelivery: many sessions, one connection at a time."""
    cf = host.read('etc/mail/sendmail.cf').replace('O LogLevel=9', 'O LogLevel=9\nO HostStatusDirectory=.hoststat\nO SingleThreadDelivery=True', 1)
    host.write('etc/mail/sendmail.cf', cf)
    folder = host.path('var/spool/mqueue/.hoststat'); os.makedirs(folder); os.chmod(folder, 0o777)
    host.start(); host.up()
    def send(i):
        with host.smtp() as c: c.sendmail(ME, ['joe@d%d.example' % i], 'Subject: %d\r\n\r\nhello\r\n' % i)
    senders = [threading.Thread(target=send, args=(i,)) for i in range(20)]
    for t in senders: t.start()
    for t in senders: t.join()
    host.wait(lambda: host.log().count('stat=Sent') == 20, 'twenty messages', 60)
    expect('at once', next_hop.most, 1)
    host.stop()


def demanded(host, next_hop):
    """Mailer flag %: what waits for ETRN, or for a queue run that names it."""
    host.write('etc/mail/sendmail.cf', re.sub(r'(?m)^(Mesmtp,.*F=\w+)', r'\1%', host.read('etc/mail/sendmail.cf')))
    host.start(); host.up()
    taken = lambda n: host.wait(lambda: host.log().count('stat=Sent') == n, 'delivery %d' % n)
    for who in ('ann', 'bob'): expect('-v', host.run('sendmail', '-v', who + '@elsewhere.example', input='Subject: x\n\nhello\n', text=True, stdout=subprocess.PIPE).stdout, who + '@elsewhere.example... queued\n')
    for run in (('-q',), ('-qf',), ('-qGmqueue',)): host.said('sendmail', *run)
    contains('-q -v', host.said('sendmail', '-q', '-v').stdout, '(sequence 2 of 2)\n')
    expect('connections', next_hop.greeted, 0)
    host.said('sendmail', '-qRann@'); taken(1)
    with host.smtp() as c: expect('ETRN', c.docmd('ETRN', 'elsewhere.example'), (250, b'2.0.0 Queuing for node elsewhere.example started'))
    taken(2)
    host.stop()


def traffic_lines(text):
    """Without the number, and without what differs from run to run."""
    return [l[6:] for l in text.splitlines() if not re.match(r'\d+ >>> (\t|Received|Date|Message-Id)', l)]


def session_of_its_own(host):
    """-bs goes by the configuration file as it is now, not by the options of the daemon that runs; by submit.cf, where there is one and no -Am."""
    greeting = lambda *words: host.run('sendmail', '-bs', *words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True).stdout.splitlines()[0]
    host.start('-OSmtpGreetingMessage=daemon of this'); host.up()
    with socket.create_connection(('127.0.0.1', host.port), 5) as c: expect('the daemon', c.recv(100)[:10], b'220 daemon')
    if 'daemon' in greeting(): raise AssertionError('-bs took the option of the daemon')
    before = host.read('etc/mail/sendmail.cf')
    host.write('etc/mail/sendmail.cf', before + 'O SmtpGreetingMessage=file of now\n')
    expect('-bs after a change', greeting(), '220 file ESMTP of now')
    host.write('etc/mail/sendmail.cf', before + 'O MaxHeadersLength=100\n')
    expect('what is said of the file', greeting(), 'Warning: MaxHeadersLength: headers length limit set lower than 16384')
    host.write('etc/mail/sendmail.cf', before)
    host.write('etc/mail/submit.cf', before + 'O SmtpGreetingMessage=submission of mail\n')
    expect('-bs by submit.cf', greeting(), '220 submission ESMTP of mail')
    if 'submission' in greeting('-Am'): raise AssertionError('-Am went by submit.cf')
    host.stop()


def traffic(host, next_hop):
    """-X: what goes in and out, of -bm, -q, -bs and the daemon."""
    at = host.path('traffic')
    def taken():
        text = open(at).read(); os.unlink(at)
        return text
    host.start(); host.up()
    first = host.run('sendmail', '-X', at, '-odi', 'joe@elsewhere.example', input='Subject: x\n\nhello\n.dot\n.\nnot sent\n', text=True)
    expect('-bm', first.returncode, 0)
    text = taken(); lines = traffic_lines(text)
    expect('one number', len({l.split()[0] for l in text.splitlines()}), 1)
    expect('the message', lines[:5], ['<<< Subject: x', '<<< ', '<<< hello', '<<< .dot', '<<< .'])
    expect('the host', lines[5:7], ['=== CONNECT [127.0.0.1]', '<<< 220 next ESMTP'])
    for line in ('>>> hello', '>>> ..dot', '>>> .', '<<< 250 2.0.0 taken', '>>> QUIT', '<<< 221 bye'): contains('-bm', '\n'.join(lines), '\n' + line)
    host.run('sendmail', '-X', at, '-odq', 'ann@elsewhere.example', input='Subject: y\n\nhello\n', text=True)
    expect('-odq', traffic_lines(taken()), ['<<< Subject: y', '<<< ', '<<< hello', '<<< [EOF]'])
    expect('-q', host.said('sendmail', '-X', at, '-q').returncode, 0)
    contains('-q', taken(), ' === CONNECT [127.0.0.1]\n')
    host.run('sendmail', '-X', at, '-bs', stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    lines = traffic_lines(taken())
    expect('-bs', (lines[0][:8], lines[1]), ('>>> 220 ', '<<< [EOF]'))
    here = host.run('sendmail', '-X', '|cat >' + at, '-odq', ME, input='Subject: z\n\n', text=True)
    host.wait(lambda: os.path.exists(at) and '[EOF]' in open(at).read(), 'the program')
    expect('a program', here.returncode, 0); taken()
    other = host.path('other'); host.run('sendmail', '-X', other, '-X', at, '-odq', ME, input='Subject: v\n\n', text=True, check=True)
    expect('two of them', (open(other).read(), traffic_lines(taken())[0]), ('', '<<< Subject: v'))
    none = host.said('sendmail', '-X', '/no/such/place', '-bv', ME)
    expect('no such place', (none.returncode, none.stdout), (73, 'cannot open /no/such/place: No such file or directory\n'))
    host.stop()
    host.start('-X', at); host.up()
    with host.smtp() as c: c.sendmail(ME, ['eve@elsewhere.example'], 'Subject: w\r\n\r\nhello\r\n')
    host.wait(lambda: os.path.exists(at) and ' >>> QUIT\n' in open(at).read(), 'the delivery')
    text = taken()
    session = re.search(r'(?m)^(\d+) <<< rcpt TO:<eve@elsewhere.example>', text)[1]
    contains('the session', text, session + ' >>> 250 2.0.0 ')
    delivery = re.search(r'(?m)^(\d+) === CONNECT', text)[1]
    if delivery == session: raise AssertionError('two conversations, one number')
    host.stop()


def run_rules(host, next_hop):
    """What a queue run takes, and mailq lists: MaxQueueRunSize, QueueSortOrder, QueueLA."""
    host.start(); host.up()
    for who in ('ann@b.example', 'bob@a.example', 'cat@c.example'): host.run('sendmail', '-odq', '-f' + who[:3], who, input='Subject: x\n\n' + who, text=True, check=True)
    def listed(*words): return re.findall(r'(?m)^\t+ (\w+)@', host.said('mailq', *words).stdout)
    expect('all', listed(), ['ann', 'bob', 'cat'])
    expect('by host', listed('-OQueueSortOrder=host'), ['bob', 'ann', 'cat'])
    two = host.said('mailq', '-OQueueSortOrder=host', '-OMaxQueueRunSize=2').stdout
    contains('two of them', two, '(3 requests, only 2 printed)\n'); contains('two of them', two, '\t\tTotal requests: 3\n')
    expect('two of them', re.findall(r'(\w+)@', two), ['bob', 'ann'])
    high = host.said('sendmail', '-OQueueLA=-1', '-OQueueFactor=0', '-v', '-q').stdout   # a load below 0 there is not, and 0 is no bound
    expect('a load too high', high, 'Skipping queue run -- load average too high\n\n')
    expect('in the background', host.said('sendmail', '-OQueueLA=-1', '-OQueueFactor=0', '-q').stdout, '')
    contains('the log', host.log(), 'runqueue: Skipping queue run -- load average too high')
    run = host.said('sendmail', '-OQueueSortOrder=host', '-OMaxQueueRunSize=2', '-v', '-q').stdout
    expect('a run', re.findall(r'\(sequence \d of \d\)|\w+(?=@\w\.example\.\.\. Sent)', run), ['(sequence 1 of 2)', 'bob', '(sequence 2 of 2)', 'ann'])
    expect('who is left', listed(), ['cat'])
    host.run('sendmail', '-odq', '-f' + ME, 'dan@d.example', input='Subject: x\n\nold\n', text=True, check=True)
    expect('by options of its own', host.said('sendmail', '-v', '-q', '-OTimeout.queuereturn=now', '-qRdan@').stdout.splitlines()[2:3], ['dan@d.example... Cannot send message for too long'])
    host.wait(lambda: 'Message could not be delivered for too long' in host.mailbox(), 'the message to come back')
    host.run('sendmail', '-odq', '-f' + ME, 'eve@d.example', input='Subject: x\n\nold\n', text=True, check=True)
    for mode, told in (('p', 1), ('m', 0)):
        host.run('sendmail', '-odq', '-f' + ME, 'nobody@d.example', input='Subject: x\n\nold\n', text=True, check=True)
        run = host.said('sendmail', '-v', '-q', '-OErrorMode=' + mode, '-qRnobody')
        expect('what fails in a run with ErrorMode=' + mode, (run.returncode, run.stdout.count('nobody@d.example... User unknown')), (67, told))
    quiet = host.said('sendmail', '-q', '-OTimeout.queuereturn=now', '-qReve@')
    expect('what comes of a run in the background is not the command\'s', (quiet.stdout, quiet.returncode), ('', 0))
    expect('who is left', listed(), ['cat'])
    host.stop()
    host.start('-OQueueLA=-1', '-OQueueFactor=0'); host.up()
    with host.smtp() as c: c.sendmail(ME, [ME], 'Subject: under load\r\n\r\nhello\r\n')
    contains('what comes in waits', host.said('mailq').stdout, 'Total requests: 2\n')
    host.stop()


def queue_groups(host, next_hop):
    """Q lines: recipients wait by group, mailq lists by group, a queue run takes one of them; ETRN too."""
    cf = host.read('etc/mail/sendmail.cf')
    cf = cf.replace('O LogLevel', 'Qslow, P=/var/spool/mqueue/slow, F=f, R=2, r=2\nQnear, P=/var/spool/mqueue/near\nO LogLevel', 1)
    host.write('etc/mail/sendmail.cf', re.sub(r'(?m)^Mesmtp,', 'Mesmtp, Q=slow,', re.sub(r'(?m)^Mlocal,', 'Mlocal, Q=near,', cf)))
    host.start('-ODeliveryMode=q'); host.up()
    def listed(*words): return re.sub(r'(?m)^\w{14}[ *].*\n|^-----Q-ID.*\n', '', host.said('mailq', *words).stdout)
    far = ['%d@elsewhere.example' % i for i in range(3)]
    with host.smtp() as c: c.sendmail(ME, [ME] + far, 'Subject: x\r\n\r\nhello\r\n')
    want = '/var/spool/mqueue is empty\n\t\t/var/spool/mqueue/slow (2 requests)\n%s\t\t/var/spool/mqueue/near (1 request)\n%s\t\tTotal requests: 3\n'
    row = lambda a: '\t\t\t\t\t <%s>\n' % a
    expect('mailq', listed(), want % (''.join(map(row, far)), row(ME)))
    expect('mailq -qGnear', listed('-qGnear'), '\t\t/var/spool/mqueue/near (1 request)\n' + row(ME))
    contains('the log', host.log(), ': split: count=1, id='); contains('the log', host.log(), ': split: maxrcpts=2, rcpts=3, count=1, id=')
    run = host.said('sendmail', '-v', '-qGnear').stdout
    contains('a run of one group', run, '/var/spool/mqueue/near/'); contains('a run of one group', run, '(sequence 1 of 1)')
    expect('who is left', listed('-qGnear'), '/var/spool/mqueue/near is empty\n')
    host.wait(lambda: 'hello' in host.mailbox(), 'the delivery')
    expect('no such group', host.said('sendmail', '-qGnone').stdout, 'Queue group none unknown\n')
    expect('-q!G', host.said('sendmail', '-q!Gslow').stdout, 'Can not use -q!G\n')
    with host.smtp() as c:
        expect('ETRN', c.docmd('ETRN', '#none')[0], 459)
        expect('ETRN', c.docmd('ETRN', '#slow')[0], 250)
    host.wait(lambda: host.said('mailq').stdout.endswith('Total requests: 0\n'), 'the group that was asked for')
    host.stop()


def quarantine(host):
    """-Q[reason]: what waits is put into quarantine, moved within it, and let out again."""
    host.start(); host.up()
    for who in ('user0', 'user1'): host.run('sendmail', '-odd', who + '@elsewhere.example', input='Subject: x\n\nhello\n', text=True, check=True)
    ids = dict(reversed(m) for m in re.findall(r'(?m)^(\S+).*\n\s+(user\d)@', host.said('mailq').stdout))
    where = '/var/spool/mqueue'
    expect('no match', host.said('sendmail', '-v', '-Qx', '-qRnone').stdout, where + ': no matches\nNo changes\n')
    expect('one', host.said('sendmail', '-v', '-Qspam one', '-qRuser0').stdout, 'Processing %s:\n%s: Quarantined with "spam one"\n1 change\n' % (where, ids['user0']))
    contains('mailq -qQ', host.said('mailq', '-qQ').stdout, 'QUARANTINE: spam one')
    expect('those without', host.said('sendmail', '-Qall').stdout, '')
    contains('another reason', host.said('sendmail', '-v', '-Qy', '-qQ', '-qRuser0').stdout, '%s: Quarantine changed from "spam one" to "y"\n' % ids['user0'])
    contains('the same again', host.said('sendmail', '-v', '-Qy', '-qQ', '-qRuser0').stdout, ': Already quarantined with "y"\nNo changes\n')
    contains('out of it', host.said('sendmail', '-v', '-Q', '-qQ', '-qRuser1').stdout, '%s: Removed quarantine of "all"\n1 change\n' % ids['user1'])
    for line in (': quarantine=spam one\n', ': quarantine=all\n', ': quarantine=y\n', ': unquarantine\n'): contains('the log', host.log(), line)
    wrong = host.said('sendmail', '-Qx', '-bv', ME)
    expect('-Q with -bv', (wrong.returncode, wrong.stdout), (64, 'Can not use -Q with -bv\n'))
    host.stop()


def waiting(host):
    """mailq -v: out of which alias each came, and as whom its programs and files would run, where that changes; what was refused last."""
    host.write('etc/mail/aliases', 'postmaster: %s\nteam: Crew\nCrew: %s, x@elsewhere.example\n' % (ME, ME)); host.said('newaliases')
    host.start(); host.up()
    sent = host.run('sendmail', '-odq', '-oem', 'team', 'y@elsewhere.example', 'nobody-here', input='Subject: x\n\nhello\n', text=True)
    expect('a recipient refused', sent.returncode, 67)
    mine = '%s:%d:%d:Crew' % (ME, os.getuid(), os.getgid()) if os.getuid() else ':Crew'
    host.wait(lambda: 'Total requests: 1\n' in host.said('mailq').stdout, 'the report to be delivered')
    shown = [l.strip() for l in host.said('mailq', '-v').stdout.splitlines()[3:-1]]
    expect('mailq -v', shown, ['(User unknown)', '(---%s---)' % mine, ME, '(---crew:1:0:Crew---)', 'x@elsewhere.example', '(------)', 'y@elsewhere.example'])
    host.stop()


def test_mode(host):
    """-bt asks for each line; with -v it shows them instead, so that what is kept of a script has its questions, too."""
    def said(*words): return host.run('sendmail', *words, '-bt', input='$m\n\n# nothing\n/canon localhost', text=True, stdout=subprocess.PIPE).stdout
    asked, shown = said(), said('-v')
    banner = 'ADDRESS TEST MODE (ruleset 3 NOT automatically invoked)\nEnter <ruleset> <address>\n'
    expect('the lines', shown.startswith(banner + '> $m\n') and '\n> \n> # nothing\n> /canon localhost\n' in shown, True)
    expect('without them', re.sub('(?m)^> .*\n', '', shown).rstrip('\n'), re.sub('(?m)^(> )+', '', asked).rstrip('\n'))
    expect('-OVerbose=False', said('-v', '-OVerbose=False'), asked)


def odd_words(host):
    """Words that name nobody, too many hops, -U; what rules see as ${opMode} where no daemon runs."""
    cf = host.read('etc/mail/sendmail.cf'); host.write('etc/mail/sendmail.cf', cf + 'HX-Mode: ${opMode}\n')
    host.run('sendmail', '-odi', ME, input='Subject: alone\n\nhello\n', text=True, check=True)
    contains('${opMode}', host.mailbox(), '\nX-Mode: m\n')
    host.write('etc/mail/sendmail.cf', cf); host.start(); host.up()
    def sent(*words): r = host.run('sendmail', *words, input='Subject: x\n\nhello\n', text=True, stdout=subprocess.PIPE); return r.returncode, r.stdout
    for nobody in ('', ' ', ','): expect(repr(nobody), sent(nobody), (0, ''))
    contains('the log', host.log(), 'nrcpts=0')
    expect('nobody, and somebody', sent('-odi', '', ME), (0, ''))
    host.wait(lambda: host.mailbox().count('Subject: x') >= 1, 'the message')
    expect('-U', sent('-U', ME), (64, ''))
    expect('25 hops', sent('-odi', '-h', '25', ME)[0], 0)
    for mode in ('-odi', '-odq'): expect('26 hops ' + mode, sent(mode, '-h', '26', ME)[0], 69)
    contains('the log', host.log(), 'Too many hops 26 (25 max): from')
    expect('not a number', sent('-h', '5x', ME), (64, 'Bad hop count (5x)\n'))
    # sendmail: finis(), HoldErrs: -oee never fails, but for -bv and a -b that is none; complaints about the command line are of ErrorMode p
    for words in (('-h', '5x', ME), ('-Nx', ME), ('-f', 'a', '-f', 'b', ME), ('-C/none', ME), ('-f',)): expect('-oee', sent('-oee', *words)[0], 0)
    expect('-oee -bv', sent('-oee', '-bv', 'nosuch')[0], 67)
    expect('-oee -b?', sent('-oee', '-b?'), (64, 'Invalid operation mode ?\n'))
    expect('-B', [sent(mode, '-Bzz', '-odq', ME) for mode in ('-oep', '-oem', '-oee')], [(64, 'Illegal body type zz\n'), (64, ''), (0, '')])
    host.write('etc/mail/broken.cf', cf + 'O NoSuch=1\nF{x}/no/such\n')   # sendmail: syserr()
    expect('-bs, a faulty file', sent('-C/etc/mail/broken.cf', '-bs'), (70, '554 5.0.0 /etc/mail/broken.cf: line %d: readcf: unknown option name NoSuch\n'
           '451 4.0.0 /etc/mail/broken.cf: line %d: fileclass: cannot open \'/no/such\': No such file or directory\n' % (cf.count('\n') + 1, cf.count('\n') + 2)))
    expect('a small limit', sent('-odq', '-OMaxHeadersLength=100', ME), (0, 'Warning: MaxHeadersLength: headers length limit set lower than 16384\n'))
    expect('a small limit, -bs', sent('-bs', '-OMaxHeadersLength=100')[1].partition('\n')[0], 'Warning: MaxHeadersLength: headers length limit set lower than 16384')
    host.stop()


def time_and_hosts(host):
    """TimeZoneSpec, HostsFile, SafeFileEnvironment."""
    cf = host.read('etc/mail/sendmail.cf'); line = cf.index('O LogLevel')
    def hour_of(option, zone):
        host.write('etc/mail/sendmail.cf', cf[:line] + option + cf[line:])
        if os.path.exists(host.path('var/mail/' + ME)): os.unlink(host.path('var/mail/' + ME))
        host.run('sendmail', '-odi', ME, input='Subject: x\n\nhello\n', text=True, check=True, env=dict(os.environ, TZ=zone))
        return re.search(r'(?m)^Date: .* (\S+)$', host.mailbox())[1]
    def listed_at(option, zone):   # hours between mailq's time and Greenwich's
        host.write('etc/mail/sendmail.cf', cf[:line] + option + cf[line:])
        host.run('sendmail', '-odq', 'x@zone.example', input='Subject: x\n\nhello\n', text=True, check=True)
        said = host.run('mailq', text=True, stdout=subprocess.PIPE, env=dict(os.environ, TZ=zone)).stdout
        host.run('hikyaku', 'queue', 'purge', '--all', stdout=subprocess.DEVNULL)
        hour, minute = map(int, re.search(r' (\d\d):(\d\d) ', said).groups()); now = time.gmtime()
        return round(((hour - now.tm_hour) * 60 + minute - now.tm_min) / 60) % 24
    expect('mailq', [listed_at('O TimeZoneSpec=XYZ-7\n', 'ABC+5'), listed_at('O TimeZoneSpec=\n', 'ABC+5')], [7, 19])
    system = time.strftime('%z', time.localtime()) if 'TZ' not in os.environ else None
    expect('TimeZoneSpec', [hour_of('O TimeZoneSpec=XYZ-7\n', 'ABC+5'), hour_of('O TimeZoneSpec=\n', 'ABC+5')], ['+0700', '-0500'])
    if system: expect('without TimeZoneSpec', hour_of('', 'ABC+5'), 'GMT' if system == '+0000' else system)
    host.write('etc/mail/names', '192.0.2.99 full.test shorty\n')
    host.write('etc/mail/sendmail.cf', cf[:line] + 'O HostsFile=/etc/mail/names\nO SafeFileEnvironment=/var/mail/safe\n' + cf[line:])
    contains('HostsFile', host.run('sendmail', '-bt', input='/canon shorty\n', text=True, stdout=subprocess.PIPE).stdout, 'getcanonname(shorty) returns full.test')
    # a class from a map: F{X}key@class:spec
    host.write('etc/mail/members', 'here one two,three\nthere four\n'); host.run('makemap', 'hash', '/etc/mail/members', input=host.read('etc/mail/members'), text=True, check=True)
    host.write('etc/mail/classes.cf', cf[:line] + 'F{X}here@hash:/etc/mail/members\nF{Y}none@hash:/etc/mail/members\nF{Z}-o here@hash:-o /etc/mail/none\nF{V}here@hash:/etc/mail/none\n' + cf[line:])
    expect('F lines', [l for l in host.run('sendmail', '-C/etc/mail/classes.cf', '-bt', input='$={X}\n$={Y}\n$={Z}\n', text=True, stdout=subprocess.PIPE).stdout.splitlines() if not l.startswith(('ADDR', 'Enter'))],
           ['/etc/mail/classes.cf: line %d: ' % (cf[:line].count('\n') + 4) + text for text in ('hash map "V": missing map file /etc/mail/none.db: No such file or directory', 'fileclass: F{V}: map open failed')]
           + ['> one', 'two,three', '> > > '])
    host.write('etc/mail/aliases', 'written: /var/mail/safe/written\nelsewhere: /var/mail/elsewhere\n'); host.said('newaliases')
    os.makedirs(host.path('var/mail/safe')); os.chmod(host.path('var/mail/safe'), 0o777)
    os.makedirs(host.path('var/mail/safe/var/mail')); os.chmod(host.path('var/mail/safe/var/mail'), 0o777)
    for name in ('written', 'elsewhere'): host.run('sendmail', '-odi', name, input='Subject: x\n\nhello\n', text=True, check=True)
    expect('SafeFileEnvironment', [os.path.exists(host.path('var/mail/' + n)) for n in ('safe/written', 'safe/var/mail/elsewhere', 'elsewhere')], [True, True, False])


def mail_local(host):
    """mail.local: mailboxes, other files, faults, LMTP."""
    def put(*words, text='Subject: x\n\nhi\nFrom here\nend'):
        r = host.run('mail.local', *words, input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE); return r.returncode, r.stdout, r.stderr
    usage = 'mail.local: usage: mail.local [-7] [-b] [-d] [-l] [-f from|-r from] [-h filename] user ...\n'
    expect('nobody', put(), (69, '', usage))
    expect('two senders', put('-f', 'a', '-r', 'b', ME), (69, '', 'mail.local: Multiple -f options\n' + usage))
    expect('a user', put('-d', '-f', 'me@x', ME), (0, '', ''))
    if not re.fullmatch(r'From me@x  ?\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}\nSubject: x\n\nhi\n>From here\nend\n\n', host.mailbox()): raise AssertionError(host.mailbox())
    expect('one of two', put('no-such-user-here', ME), (69, '', 'mail.local: no-such-user-here: User unknown\n'))
    contains('the other', host.mailbox(), '\n\nFrom ' + ME + ' ')
    os.symlink('/etc/passwd', host.path('var/mail/box')); os.rename(host.path('var/mail/' + ME), host.path('kept')); os.rename(host.path('var/mail/box'), host.path('var/mail/' + ME))
    expect('a link', put(ME), (69, '', 'mail.local: /var/mail/%s: irregular file\n' % ME))
    os.unlink(host.path('var/mail/' + ME))
    talk = 'LHLO here\r\nMAIL FROM:<a@b>\r\nRCPT TO:<%s@x>\r\nRCPT TO:<no-such-user-here>\r\nDATA\r\nSubject: y\r\n\r\n..dot\r\n.\r\nQUIT\r\n' % ME
    rc, out, _ = put('-l', text=talk)
    expect('-l', (rc, out.replace('\r', '').splitlines()[5:]), (0, ['250 2.5.0 Ok', '250 2.1.5 Ok', '550 5.1.1 User unknown', '354 Go ahead', '250 2.1.5 %s Ok' % ME, '221 2.0.0 Bye']))
    contains('the mailbox', host.mailbox(), 'Subject: y\n\n.dot\n\n')
    expect('-l and a user', put('-l', ME)[:2], (75, '421 Users should not be specified in command line if LMTP required\n'))


def main():
    p = argparse.ArgumentParser(); p.add_argument('--bin', required=True); p.add_argument('case', choices=sorted(CASES)); o = p.parse_args()
    asked = [NextHop()] if CASES[o.case].__code__.co_argcount > 1 else []
    host = Host(o.bin, 'commands', asked[0].port if asked else 0)
    try:
        CASES[o.case](host, *asked); print('%s: passed' % o.case)
    except BaseException:
        print(host.log()[-4000:], file=sys.stderr); raise
    finally: host.remove()


CASES = {'aliases': aliases, 'class_programs': class_programs, 'counted': counted, 'demanded': demanded, 'dropped': dropped, 'host_kept': host_kept, 'host_status': host_status, 'leaving': leaving, 'mail_local': mail_local, 'odd_words': odd_words, 'one_at_a_time': one_at_a_time, 'program_maps': program_maps, 'quarantine': quarantine, 'queue_daemons': queue_daemons, 'queue_groups': queue_groups, 'run_rules': run_rules, 'session_of_its_own': session_of_its_own, 'statistics': statistics, 'test_mode': test_mode, 'time_and_hosts': time_and_hosts, 'traffic': traffic, 'waiting': waiting}
if __name__ == '__main__': main()
