"""The Handbook's trouble shooting (mail-trouble): D1 … D6, each as the reader meets it and as the Handbook cures it."""
import re

from common import expect, holds, say, stock


def D1(net):
    """A short name is looked up as resolv.conf says (RFC 1535): `domain` knows only its own, `search` also what it lists."""
    ws = net.node('ws.foo.bar.edu', '192.0.2.1', users=('joe',), search='domain foo.bar.edu')
    mumble = net.node('mumble.bar.edu', '192.0.2.2', users=('ann',), search='domain bar.edu')
    for n in (ws, mumble): n.configure(stock()); n.start()
    expect(ws.run('dig', '+short', '+search', 'mumble').stdout == '', 'the name server knows no mumble.foo.bar.edu')
    net.dns.asked.clear()
    ws.run('mail', '-s', 'too short', 'ann@mumble', user='joe', text='hello\n', check=True)
    report = net.wait(lambda: ws.mailbox('joe'), 'the report')[0]
    holds(str(report), r'550 5\.1\.2 <?ann@mumble>?\.\.\. Host unknown \(Name server: mumble: host not found\)', r'(?m)^Status: 5\.1\.2$')
    names = {name for who, name, _ in net.dns.asked if who == ws.address and name.startswith('mumble')}
    expect(names == {'mumble.foo.bar.edu', 'mumble'}, 'asked: in its own domain and the root, nowhere else', names)
    ws.run('mail', '-s', 'in full', 'ann@mumble.bar.edu', user='joe', text='hello\n', check=True)
    net.wait(lambda: len(mumble.mailbox('ann')) == 1, 'the message to the full name')
    ws.write('/etc/resolv.conf', ws.read('/etc/resolv.conf').replace('domain foo.bar.edu', 'search foo.bar.edu bar.edu')); ws.restart()
    expect(ws.run('dig', '+short', '+search', 'mumble').stdout.strip() == mumble.address, 'dig finds it by the search list')
    ws.run('mail', '-s', 'short again', 'ann@mumble', user='joe', text='hello\n', check=True)
    got = net.wait(lambda: len(mumble.mailbox('ann')) == 2 and mumble.mailbox('ann')[1], 'the message to the short name')
    expect(got['Subject'] == 'short again' and got['To'] == 'ann@mumble.bar.edu', 'the header has the full name', got)


def D2(net):
    """MX points here, class w does not know it: `mail loops back to me`; local-host-names or Cw cures it."""
    net.zone('domain.net', ('MX', '10 relay.domain.net')); net.zone('second.net', ('MX', '10 relay.domain.net'))
    relay = net.node('relay.domain.net', '192.0.2.1', users=('joe', 'ann')); relay.configure(stock()); relay.start()
    expect(relay.run('dig', '+short', 'domain.net', 'MX').stdout == '10 relay.domain.net.\n', 'the zone')
    relay.run('s-nail', '-s', 'loops', 'ann@domain.net', user='joe', text='hello\n', check=True)
    report = net.wait(lambda: relay.mailbox('joe'), 'the report')[0]
    holds(str(report), r'(?m)^553 5\.3\.5 domain\.net config error: mail loops back to me \(MX problem\?\)$',
          r'(?m)^554 5\.3\.5 Local configuration error$', r'(?m)^Status: 5\.3\.5$')
    relay.write('/etc/mail/local-host-names', 'domain.net\n'); relay.restart()
    relay.run('s-nail', '-s', 'cured', 'ann@domain.net', user='joe', text='hello\n', check=True)
    net.wait(lambda: [m['Subject'] for m in relay.mailbox('ann')] == ['cured'], 'the message after local-host-names')
    relay.write('/etc/mail/sendmail.cf', relay.read('/etc/mail/sendmail.cf').replace('\nCwlocalhost', '\nCw second.net\nCwlocalhost', 1)); relay.restart()
    relay.run('s-nail', '-s', 'cured too', 'ann@second.net', user='joe', text='hello\n', check=True)
    net.wait(lambda: [m['Subject'] for m in relay.mailbox('ann')] == ['cured', 'cured too'], 'the message after Cw')
    expect(len(relay.mailbox('joe')) == 1, 'no more reports')


def D3(net):
    """A dial-up host with a secondary MX: off line the secondary takes the mail and keeps it; ETRN, -qR and -q bring it."""
    net.zone('example.com', ('MX', '10 example.com'), ('MX', '20 example.net'), ('A', '192.0.2.10'))
    net.zone('gone.example', ('MX', '10 gone.example'), ('MX', '20 example.net'), ('A', '192.0.2.99'))
    home = net.node('example.com', '192.0.2.10', users=('joe',)); home.configure(stock('LOCAL_CONFIG', 'Cw example.com')); home.start()
    isp = net.node('example.net', '192.0.2.20', users=('operator',)); isp.configure(stock(), {'relay-domains': 'example.com\ngone.example\n'}); isp.start()
    far = net.node('far.example', '192.0.2.30', users=('ann',)); far.configure(stock()); far.start()
    subjects = lambda: [m['Subject'] for m in home.mailbox('joe')]

    def send(subject, to='joe@example.com'): far.run('mail', '-s', subject, to, user='ann', text='hello\n', check=True)
    send('line up'); net.wait(lambda: subjects() == ['line up'], 'the message while the line is up')
    home.cut()   # 192.0.2.99 is nobody's
    send('first'); net.wait(lambda: len(isp.queued()) == 1, 'the secondary to keep it')
    net.wait(lambda: re.search(r'relay=example\.net\. \[192\.0\.2\.20\], dsn=2\.0\.0, stat=Sent', far.log()), 'the sender to be rid of it')
    send('other', 'joe@gone.example'); net.wait(lambda: len(isp.queued()) == 2, 'a message for another customer')
    expect(far.queued() == [] and subjects() == ['line up'], 'nothing arrived')
    isp.settled(); holds(isp.run('mailq').stdout, r'\(Deferred: (\S+: (No route to host|Host is unreachable)|Connection (refused|timed out))', r'joe@example\.com', r'Total requests: 2')
    home.join()
    isp.run('sendmail', '-qRexample.com', check=True); net.wait(lambda: subjects()[1:] == ['first'], 'sendmail -qRexample.com')
    expect(len(isp.queued()) == 1, 'only example.com was run', isp.run('mailq').stdout)
    home.cut(); send('second'); net.wait(lambda: len(isp.queued()) == 2, 'the secondary to keep the second'); isp.settled(); home.join()
    with home.smtp(isp) as s:
        s.ehlo(); expect('etrn' in s.esmtp_features, 'ETRN is offered')
        code, text = say(s, 'ETRN example.com'); expect(code in (250, 252, 253), 'ETRN', code, text)
        code, text = say(s, 'ETRN nobody.example'); expect(code in (250, 251), 'ETRN for nobody', code, text)
    net.wait(lambda: subjects()[2:] == ['second'], 'ETRN')
    home.cut(); send('third'); net.wait(lambda: len(isp.queued()) == 2, 'the secondary to keep the third'); isp.settled(); home.join()
    isp.run('sendmail', '-q', check=True); net.wait(lambda: subjects()[3:] == ['third'], 'sendmail -q')
    home.cut(); send('fourth'); net.wait(lambda: len(isp.queued()) == 2, 'the secondary to keep the fourth'); isp.settled(); home.join()
    isp.restart('-q1s'); net.wait(lambda: subjects()[4:] == ['fourth'], "the daemon's own queue runs")
    expect(len(isp.queued()) == 1 and far.queued() == [], "the other customer's waits")
    hops = [r.split()[1] for r in home.mailbox('joe')[-1].get_all('Received')]
    expect(hops[:2] == ['example.net', 'far.example'], 'the way of the fourth', hops)


PRIVACY = (   # flag, what a client or user then finds
    ('needmailhelo', lambda s: say(s, 'MAIL FROM:<a@far.example>'), r'503'), ('needvrfyhelo', lambda s: say(s, 'VRFY joe'), r'503'), ('needexpnhelo', lambda s: say(s, 'EXPN joe'), r'503'),
    ('novrfy', lambda s: (s.ehlo(), say(s, 'VRFY joe'))[1], r'252'), ('noexpn', lambda s: (s.ehlo(), say(s, 'EXPN joe'))[1], r'502'), ('noverb', lambda s: (s.ehlo(), say(s, 'VERB'))[1], r'502'),
    ('noetrn', lambda s: (s.ehlo(), say(s, 'ETRN mail.example.com'))[1], r'502'), ('noreceipts', lambda s: (0, str('dsn' in dict(s.ehlo() and s.esmtp_features))), r'False'))


def D4(net):
    """PrivacyOptions: with restrictqrun only root and the queue's owner run the queue; every other flag does what it says."""
    mail = net.node('mail.example.com', '192.0.2.1', users=('joe',)); far = net.node('far.example', '192.0.2.2', users=('ann',))
    far.configure(stock()); mail.configure(stock('define(`confPRIVACY_FLAGS\', `goaway,restrictqrun\')')); far.start(); mail.start()
    mail.run('sendmail', '-odq', 'ann@far.example', user='joe', text='Subject: waits\n\nhello\n', check=True)
    got = mail.run('sendmail', '-q', user='joe')
    expect(got.returncode == 77 and 'You do not have permission to process the queue' in got.stdout, 'refused to joe', got.returncode, got.stdout)
    expect(len(mail.queued()) == 1 and not far.mailbox('ann'), 'nothing was sent')
    with far.smtp(mail) as s:
        for line, code in (('MAIL FROM:<a@far.example>', 503), ('VRFY joe', 252), ('EXPN joe', 502), ('VERB', 502)): expect(say(s, line)[0] == code, 'goaway: ' + line)   # sendmail: as measured
        s.ehlo(); expect('verb' not in s.esmtp_features and 'expn' not in s.esmtp_features and 'etrn' in s.esmtp_features, 'goaway offers less', s.esmtp_features)
    mail.run('sendmail', '-q', check=True); net.wait(lambda: [m['Subject'] for m in far.mailbox('ann')] == ['waits'], "root's queue run")
    mail.configure(stock('define(`confPRIVACY_FLAGS\', `goaway\')')); mail.restart()
    mail.run('sendmail', '-odq', 'ann@far.example', user='joe', text='Subject: anybody\n\nhello\n', check=True)
    mail.run('sendmail', '-q', user='joe', check=True); net.wait(lambda: [m['Subject'] for m in far.mailbox('ann')] == ['waits', 'anybody'], "joe's queue run")
    public = mail.read('/etc/mail/sendmail.cf').replace('O PrivacyOptions=goaway', 'O PrivacyOptions=public')

    def answers():
        out = []
        for _, ask, found in PRIVACY:
            with far.smtp(mail) as s: code, text = ask(s)
            out.append(bool(re.match(found, '%d %s' % (code, text) if code else text)))
        return out
    mail.write('/etc/mail/sendmail.cf', public); mail.restart(); expect(not any(answers()), 'public: nothing is refused', answers())
    for i, (flag, _, _) in enumerate(PRIVACY):
        mail.write('/etc/mail/sendmail.cf', public.replace('PrivacyOptions=public', 'PrivacyOptions=' + flag)); mail.restart()
        refused = {flag, 'noverb'} if flag == 'noexpn' else {flag}   # sendmail: VERB would show what EXPN does
        expect(answers() == [other in refused for other, _, _ in PRIVACY], flag + ' refuses this and nothing else', answers())
    mail.configure(stock('define(`confPRIVACY_FLAGS\', `restrictmailq,restrictexpand\')')); mail.restart()
    got = mail.run('mailq', user='joe'); expect(got.returncode == 77 and 'You are not permitted to see the queue' in got.stdout, 'restrictmailq', got.returncode, got.stdout)
    got = mail.run('sendmail', '-bv', 'postmaster', user='joe'); expect('Notice: -bv may give misleading output for non-privileged user' in got.stdout, 'restrictexpand', got.stdout)


def D5(net):
    """Best MX for a host that is not ours: an error, or with OwTrue (TryNullMXList) its own address is tried."""
    net.zone('customer.com', ('MX', '10 isp.net'), ('A', '192.0.2.30'))
    isp = net.node('isp.net', '192.0.2.20', users=('operator',)); customer = net.node('customer.com', '192.0.2.30', users=('joe',)); far = net.node('far.example', '192.0.2.40', users=('ann',))
    for n in (isp, customer, far): n.configure(stock(), {'relay-domains': 'customer.com\n'}); n.start()
    far.run('swaks', '-s', isp.address, '-f', 'ann@far.example', '-t', 'joe@customer.com', '-h-Subject', 'without', check=True)
    report = net.wait(lambda: far.mailbox('ann'), 'the report')[0]
    holds(str(report), r'553 5\.3\.5 customer\.com config error: mail loops back to me', r'Local configuration error')
    for how, line in (('OwTrue', 'LOCAL_CONFIG\nOwTrue'), ('TryNullMXList', 'define(`confTRY_NULL_MX_LIST\', `True\')')):
        cf = net.makecf(stock(line))
        expect(how in cf, how + ' stands in the cf'); isp.write('/etc/mail/sendmail.cf', cf); isp.restart()
        far.run('swaks', '-s', isp.address, '-f', 'ann@far.example', '-t', 'joe@customer.com', '-h-Subject', how, check=True)
        net.wait(lambda: [m['Subject'] for m in customer.mailbox('joe')][-1:] == [how], 'the message with ' + how)
    holds(isp.log(), r'relay=customer\.com\. \[192\.0\.2\.30\], dsn=2\.0\.0, stat=Sent')
    expect(len(far.mailbox('ann')) == 1, 'no more reports')


def D6(net):
    """Strangers may not relay; relay-domains or the access map open it. The report says what the remote said (RFC 3464)."""
    net.zone('elsewhere.org', ('MX', '10 mx.elsewhere.org'))
    mail = net.node('mail.example.com', '192.0.2.1', users=('joe',)); elsewhere = net.node('mx.elsewhere.org', '192.0.2.2', users=('bob',))
    home = net.node('pc.your.isp.example.com', '192.0.2.3', users=('user',)); gate = 'define(`SMART_HOST\', `mail.example.com\')'
    mail.configure(stock()); mail.start(); elsewhere.configure(stock(), {'local-host-names': 'elsewhere.org\n'}); elsewhere.start()
    home.configure(stock(gate)); home.start()
    ask = ['swaks', '-s', mail.address, '-f', 'user@pc.your.isp.example.com', '-t', 'bob@elsewhere.org']
    got = home.run(*ask); holds(got.stdout, r'550 5\.7\.1 <bob@elsewhere\.org>\.\.\. Relaying denied'); expect(got.returncode != 0, 'swaks saw a refusal')
    for path in ('bob%elsewhere.org@mail.example.com', '@mail.example.com:bob@elsewhere.org', 'elsewhere.org!bob@mail.example.com', '"bob@elsewhere.org"@mail.example.com', '"bob%elsewhere.org"'):
        with home.smtp(mail) as s:
            s.ehlo(); s.mail('user@pc.your.isp.example.com'); code, text = say(s, 'RCPT TO:<%s>' % path); expect(code == 550, 'no way round: ' + path, code, text)
    home.run('mutt', '-s', 'refused', 'bob@elsewhere.org', user='user', text='hello\n', check=True)
    report = net.wait(lambda: home.mailbox('user'), 'the report')[0]
    expect('MAILER-DAEMON' in report['From'].upper() and report.get_content_type() == 'multipart/report' and report.get_param('report-type') == 'delivery-status', 'a report', report)
    human, status, message = report.get_payload(); holds(human.get_payload(), r'550 5\.7\.1 <bob@elsewhere\.org>\.\.\. Relaying denied', r'user@pc|bob@elsewhere\.org')
    about, one = status.get_payload(); expect(about['Reporting-MTA'] == 'dns; pc.your.isp.example.com', 'Reporting-MTA', about)
    expect(one['Action'] == 'failed' and one['Status'] == '5.7.1' and one['Remote-MTA'] == 'DNS; mail.example.com' and 'bob@elsewhere.org' in one['Final-Recipient'], 'the recipient', one)
    expect(one['Diagnostic-Code'] == 'SMTP; 550 5.7.1 <bob@elsewhere.org>... Relaying denied', "the remote's text", one['Diagnostic-Code'])
    expect('Subject: refused' in str(message.get_payload(0)), 'the message came back', message)
    expect(not elsewhere.mailbox('bob'), 'nothing got through')
    mail.write('/etc/mail/relay-domains', 'your.isp.example.com\nother.isp.example.net\n'); mail.restart()
    home.run(*ask, '-h-Subject', 'relay-domains', check=True)
    mail.write('/etc/mail/relay-domains', ''); mail.restart(); expect(home.run(*ask).returncode != 0, 'closed again')
    mail.map('access', '192.0.2.3 RELAY\n'); home.run(*ask, '-h-Subject', 'access', check=True)   # maps are read anew without a restart
    mail.map('access', 'To:elsewhere.org RELAY\n'); home.run(*ask, '-h-Subject', 'to', check=True)
    net.wait(lambda: sorted(m['Subject'] for m in elsewhere.mailbox('bob')) == ['access', 'relay-domains', 'to'], 'the messages of the open ways')
