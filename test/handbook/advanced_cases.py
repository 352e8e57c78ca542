"""The Handbook's further topics (mail-advanced): E1 own host, E2 four MXs, E3 a hub for a domain, E4 virtual hosting."""
from common import expect, holds, stock

subjects = lambda node, user: [m['Subject'] for m in node.mailbox(user)]


def E1(net):
    """A host gets its own mail with an MX to itself, with no MX at all, and by the name of a hub if the MX says so; never with a null MX."""
    net.zone('example.freebsd.org', ('MX', '10 example.freebsd.org'), ('A', '192.0.2.1')); net.zone('alias.freebsd.org', ('CNAME', 'plain.freebsd.org'))
    net.zone('moved.freebsd.org', ('A', '192.0.2.99'), ('MX', '10 plain.freebsd.org')); net.zone('nomail.freebsd.org', ('A', '192.0.2.2'), ('MX', '0 .'))
    own = net.node('example.FreeBSD.org', '192.0.2.1', users=('yourlogin',)); plain = net.node('plain.FreeBSD.org', '192.0.2.2', users=('yourlogin',)); far = net.node('far.example', '192.0.2.3', users=('ann',))
    own.configure(stock()); plain.configure(stock(), {'local-host-names': 'moved.freebsd.org\n'}); far.configure(stock())
    for n in (own, plain, far): n.start()
    expect(far.run('dig', '+short', 'plain.FreeBSD.org', 'MX').stdout == '' and 'example.freebsd.org' in far.run('dig', '+short', 'example.FreeBSD.org', 'MX').stdout, 'the zone')
    for to in ('example.FreeBSD.org', 'plain.FreeBSD.org', 'alias.FreeBSD.org', 'moved.FreeBSD.org'):
        far.run('swaks', '-s', '127.0.0.1', '-f', 'ann@far.example', '-t', 'yourlogin@' + to, '-h-Subject', to, check=True)
    net.wait(lambda: subjects(own, 'yourlogin') == ['example.FreeBSD.org'], 'the message by MX to itself')
    net.wait(lambda: sorted(subjects(plain, 'yourlogin')) == ['alias.FreeBSD.org', 'moved.FreeBSD.org', 'plain.FreeBSD.org'], 'the messages without MX, through a CNAME, and to the hub')
    far.run('swaks', '-s', '127.0.0.1', '-f', 'ann@far.example', '-t', 'yourlogin@nomail.FreeBSD.org', '-h-Subject', 'null', check=True)
    report = net.wait(lambda: far.mailbox('ann'), 'the report')[0]; holds(str(report), r'(?m)^Status: 5\.1\.10$', r'does not accept mail|null MX')
    expect(not net.dns.asked or ('192.0.2.3', 'example.freebsd.org', 'MX') in net.dns.asked, 'the MX was asked for')


def E2(net):
    """freefall's four MXs: the lowest first, each next when the ones before are away or busy; the backup brings it home."""
    names = ['freefall.freebsd.org', 'who.cdrom.com', 'mail.crl.net', 'agora.rdrop.com']; addresses = ['192.0.2.%d' % i for i in (10, 20, 30, 40)]
    net.zone(names[0], *[('MX', '%d %s' % (10 * (i + 1), n)) for i, n in reversed(list(enumerate(names)))], ('A', addresses[0]))
    mx = [net.node(n, a, users=('jkh',)) for n, a in zip(names, addresses)]; far = net.node('far.example', '192.0.2.50', users=('ann',))
    for n in mx: n.configure(stock(), {'relay-domains': 'freefall.freebsd.org\n'}); n.start()
    far.configure(stock()); far.start()
    expect([l.split()[0] for l in sorted(far.run('dig', '+short', names[0], 'MX').stdout.splitlines())] == ['10', '20', '30', '40'], 'four MXs')

    def send(subject, by):
        far.run('mail', '-s', subject, 'jkh@freefall.FreeBSD.org', user='ann', text='hello\n', check=True)
        net.wait(lambda: 'relay=%s. [%s], dsn=2.0.0, stat=Sent' % (names[by], addresses[by]) in far.log(), '%s to take it' % names[by])
    send('all there', 0); net.wait(lambda: subjects(mx[0], 'jkh') == ['all there'], 'the message')
    for away in (0, 1, 2):
        mx[away].cut(); send('without %d' % (away + 1), away + 1)
    for n in mx[1:]: expect(not n.mailbox('jkh'), 'a backup keeps no mailbox')
    net.wait(lambda: len(mx[3].queued()) == 1 and far.queued() == [], 'the last backup to keep the last')
    mx[3].settled(); expect('relay=agora' not in mx[3].log(), 'the worst MX does not turn to itself', mx[3].log())
    mx[2].join(); mx[3].run('sendmail', '-q', check=True)   # the better backup is back, freefall is not
    net.wait(lambda: mx[3].queued() == [] and len(mx[2].queued()) == 2, 'the better backup to take what the worse kept')
    expect('relay=who.cdrom.com. [192.0.2.20], dsn=2' not in mx[3].log(), 'not to one that is away')
    mx[0].join(); mx[1].join()
    for n in mx[1:]: n.run('sendmail', '-q', check=True)
    net.wait(lambda: sorted(subjects(mx[0], 'jkh')) == ['all there', 'without 1', 'without 2', 'without 3'], 'all at home')
    mx[0].write('/etc/mail/sendmail.cf', mx[0].read('/etc/mail/sendmail.cf').replace('SLocal_check_relay', 'SLocal_check_relay\nR$*\t$#error $@ 4.3.2 $: "421 4.3.2 busy, come again"', 1)); mx[0].restart()
    far.run('mail', '-s', 'busy', 'jkh@freefall.FreeBSD.org', user='ann', text='hello\n', check=True)
    net.wait(lambda: len(mx[1].queued()) == 1 and far.queued() == [], 'the second MX when the first answers 4xx')


def E3(net):
    """A hub for a domain: every workstation's mail lands on it, and leaves through it under the domain's name."""
    for ws in ('ws1', 'ws2'): net.zone(ws + '.freebsd.org', ('A', '192.0.2.%s' % ws[2]), ('MX', '10 hub.freebsd.org'))
    net.zone('freebsd.org', ('MX', '10 hub.freebsd.org'))
    hub = net.node('hub.FreeBSD.org', '192.0.2.10', users=('joe', 'sue')); far = net.node('far.example', '192.0.2.20', users=('ann',))
    hub.configure(stock('LOCAL_CONFIG', 'Cw ws1.freebsd.org ws2.freebsd.org'), {'relay-domains': 'freebsd.org\n'}); hub.start(); far.configure(stock()); far.start()
    ws1 = net.node('ws1.FreeBSD.org', '192.0.2.1', users=('joe', 'sue')); ws2 = net.node('ws2.FreeBSD.org', '192.0.2.2', users=('joe', 'sue'))
    ws1.configure("OSTYPE(freebsd6)\nFEATURE(nullclient, `hub.FreeBSD.org')\n"); ws1.start()
    ws2.configure(stock("define(`MAIL_HUB', `hub.FreeBSD.org')", "define(`SMART_HOST', `hub.FreeBSD.org')", "MASQUERADE_AS(`FreeBSD.org')", 'FEATURE(masquerade_envelope)')); ws2.start()
    far.run('mutt', '-s', 'to ws1', 'joe@ws1.FreeBSD.org', user='ann', text='hello\n', check=True)
    far.run('s-nail', '-s', 'to ws2', 'joe@ws2.FreeBSD.org', user='ann', text='hello\n', check=True)
    ws1.run('s-nail', '-s', 'own name', 'joe', user='sue', text='hello\n', check=True); ws2.run('mutt', '-s', 'own name too', 'joe', user='sue', text='hello\n', check=True)
    net.wait(lambda: sorted(subjects(hub, 'joe')) == ['own name', 'own name too', 'to ws1', 'to ws2'], "all of joe's mail on the hub")
    ws1.run('mutt', '-s', 'from ws1', 'ann@far.example', user='joe', text='hello\n', check=True); ws2.run('s-nail', '-s', 'from ws2', 'ann@far.example', user='joe', text='hello\n', check=True)
    got = {m['Subject']: m for m in net.wait(lambda: len(far.mailbox('ann')) == 2 and far.mailbox('ann'), 'mail to the outside')}
    expect('joe@hub.FreeBSD.org' in got['from ws1']['From'] and 'joe@FreeBSD.org' in got['from ws2']['From'], 'the names they left under', got['from ws1']['From'], got['from ws2']['From'])
    expect(got['from ws2']['Return-Path'].strip('<>').lower() == 'joe@freebsd.org', 'the envelope', got['from ws2']['Return-Path'])
    expect(all(any('hub.FreeBSD.org' in r for r in m.get_all('Received')) for m in got.values()), 'through the hub')
    expect(not ws1.mailbox('joe') and not ws2.mailbox('joe'), 'nothing stayed on the workstations')


def E4(net):
    """Virtual hosting: MX to the mail host is enough once the host knows the domain (local-host-names or Cw); virtusertable tells users apart."""
    for i in (1, 2, 3): net.zone('customer%d.org' % i, ('MX', '10 mail.myhost.com'))
    mail = net.node('mail.myhost.com', '192.0.2.1', users=('joe', 'sue', 'root1')); noc = net.node('noc.example.net', '192.0.2.2', users=('postmaster',)); far = net.node('far.example', '192.0.2.3', users=('ann',))
    for n in (noc, far): n.configure(stock()); n.start()
    noc.write('/etc/mail/aliases', 'MAILER-DAEMON: postmaster\n'); noc.run('newaliases', check=True)
    mail.configure(stock('LOCAL_CONFIG', 'Cwcustomer2.org')); mail.start()
    ask = lambda to, subject: far.run('swaks', '-s', '192.0.2.1', '-f', 'ann@far.example', '-t', to, '-h-Subject', subject)
    expect(far.run('dig', '+short', 'customer1.org').stdout == '' and far.run('dig', '+short', 'customer1.org', 'MX').stdout == '10 mail.myhost.com.\n', 'an MX and no address')
    holds(ask('joe@customer1.org', 'too soon').stdout, r'550 5\.7\.1 <joe@customer1\.org>\.\.\. Relaying denied')
    expect(ask('joe@customer2.org', 'Cw').returncode == 0, 'Cw opens it')
    mail.write('/etc/mail/local-host-names', 'customer1.org\ncustomer3.org\n'); mail.restart()
    far.run('swaks', '-s', '127.0.0.1', '-f', 'ann@far.example', '-t', 'joe@customer1.org', '-h-Subject', 'local-host-names', check=True)   # by its MX
    net.wait(lambda: subjects(mail, 'joe') == ['Cw', 'local-host-names'], 'the messages')
    mail.map('virtusertable', 'root@customer1.org\tsue\npostmaster@customer1.org\tpostmaster@noc.example.net\n@customer1.org\tjoe\nno@customer3.org\terror:nouser No such user here\n@customer3.org\t%1-list\n')
    mail.write('/etc/mail/aliases', 'postmaster: root\nMAILER-DAEMON: postmaster\nteam-list: joe, sue\n'); mail.run('newaliases', check=True)
    for to in ('root', 'postmaster', 'anybody'): expect(ask(to + '@customer1.org', to).returncode == 0, to)
    holds(ask('no@customer3.org', 'no').stdout, r'553 5\.3\.0 <no@customer3\.org>\.\.\. No such user here'); holds(ask('who@customer3.org', 'who').stdout, r'550 5\.1\.1 <who@customer3\.org>\.\.\. User unknown')
    expect(ask('team@customer3.org', 'team').returncode == 0, 'team')
    net.wait(lambda: sorted(subjects(mail, 'joe')[2:]) == ['anybody', 'team'] and sorted(subjects(mail, 'sue')) == ['root', 'team'] and subjects(noc, 'postmaster') == ['postmaster'], 'each in its mailbox')
    expect(subjects(mail, 'root') == [] and subjects(mail, 'root1') == [], 'nobody else')
