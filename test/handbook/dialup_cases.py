"""The Handbook's dial-up host (SMTP-dialup): G2 nothing opens the line before the queue run, G3 it leaves as the provider knows it."""
from common import expect, stock

BSD_HOME = """VERSIONID(`bsd.home.mc version 1.0')
OSTYPE(bsd4.4)dnl
FEATURE(nouucp)dnl
MAILER(local)dnl
MAILER(smtp)dnl
Cwlocalhost
Cwbsd.home
MASQUERADE_AS(`example.net')dnl
FEATURE(allmasquerade)dnl
FEATURE(masquerade_envelope)dnl
FEATURE(nocanonify)dnl
FEATURE(nodns)dnl
define(`SMART_HOST', `relay.example.net')
Dmbsd.home
define(`confDOMAIN_NAME',`bsd.home')dnl
define(`confDELIVERY_MODE',`deferred')dnl
"""   # as printed


def hosts(net):
    net.zone('example.net', ('MX', '10 relay.example.net')); net.zone('far.example', ('MX', '10 mx.far.example'))
    relay = net.node('relay.example.net', '192.0.2.1', users=('operator',)); far = net.node('mx.far.example', '192.0.2.2', users=('ann', 'bob'))
    home = net.node('bsd.home', '192.0.2.3', users=('user', 'sue'))
    relay.configure(stock(), maps={'access': '192.0.2.3 RELAY\n'}); far.configure(stock(), {'local-host-names': 'far.example\n'}); home.configure(BSD_HOME)
    for n in (relay, far, home): n.start()
    return home, relay, far


def G2(net):
    """Deferred: no packet leaves before the queue run, from a command, -bs, SMTP or mailq; `sendmail -q` when the link is up sends all."""
    home, relay, far = hosts(net)
    home.cut(); before = home.packets(); net.dns.asked.clear()
    home.run('mail', '-s', 'one', 'ann@far.example', user='user', text='hello\n', check=True)
    home.run('s-nail', '-s', 'two', 'ann@far.example', 'bob@far.example', user='sue', text='hello\n', check=True)
    with home.smtp('127.0.0.1') as s:
        s.sendmail('user@bsd.home', ['ann@far.example'], 'From: user@bsd.home\r\nTo: ann@far.example\r\nSubject: three\r\n\r\nhello\r\n')
    home.run('sendmail', '-t', user='user', text='To: nobody@nowhere.example\nSubject: four\n\nhello\n', check=True)
    home.run('sendmail', '-f', 'ann@far.example', 'no-such-user', user='sue', text='To: no-such-user@far.example\nSubject: five\n\nhello\n')   # its report waits, too
    net.wait(lambda: 'Total requests: 5' in home.run('mailq').stdout, 'the report')
    shown = home.run('mailq').stdout; expect('Total requests: 5' in shown, 'all wait', shown)
    home.settled()
    expect(net.dns.asked == [], 'no question was asked', net.dns.asked); expect(home.packets() == before, 'no packet left', before, home.packets())
    expect(not far.mailbox('ann') and len(home.queued()) == 5, 'nothing arrived')
    home.join(); home.run('sendmail', '-q', user='user', check=True)   # ppp.linkup: su user -c "sendmail -q"
    net.wait(lambda: sorted(m['Subject'] for m in far.mailbox('ann')) == ['Returned mail: see transcript for details', 'one', 'three', 'two'] and len(far.mailbox('bob')) == 1, 'the mail after the link came up')
    net.wait(lambda: home.queued() == [], 'an empty queue')
    expect(any(who == home.address for who, _, _ in net.dns.asked), 'now names are asked for')


def G3(net):
    """user@bsd.home leaves as user@example.net: in From, Sender, Reply-To, Cc, in the envelope; mail at home keeps its name."""
    home, relay, far = hosts(net)
    home.run('mutt', '-s', 'plain', 'ann@far.example', user='user', text='hello\n', check=True)
    home.run('s-nail', '-s', 'copy', '-c', 'sue@bsd.home', 'ann@far.example', user='user', text='hello\n')
    home.run('sendmail', '-t', user='user', text='From: user@bsd.home\nSender: sue\nReply-To: sue@localhost\nTo: ann@far.example\nCc: other@elsewhere.example\nSubject: all\n\nuser@bsd.home\n', check=True)
    home.run('sendmail', '-q', check=True)
    got = {m['Subject']: m for m in net.wait(lambda: len(far.mailbox('ann')) == 3 and far.mailbox('ann'), 'the messages')}
    for m in got.values():
        expect('user@example.net' in m['From'] and 'bsd.home' not in m['From'], 'From', m['From']); expect(m['Return-Path'] == '<user@example.net>', 'envelope', m['Return-Path'])
    expect('sue@example.net' in got['copy']['Cc'], 'allmasquerade: Cc', got['copy']['Cc'])
    m = got['all']; expect((m['Sender'], m['Reply-To'], m['Cc'], m['To']) == ('sue@example.net', 'sue@example.net', 'other@elsewhere.example', 'ann@far.example'), 'the header', m)
    expect('user@bsd.home' in m.get_payload(), 'the text is nobody\'s business')
    expect(relay.log().count('from=<user@example.net>') == 3 and 'from=<user@bsd.home>' not in relay.log(), 'what the provider saw', relay.log())
