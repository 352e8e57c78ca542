"""SMTP with UUCP (SMTP-UUCP): F3, two hosts that know no other way to each other than Taylor UUCP."""
import re

from common import STOCK, expect, holds

# The Handbook's file, with mailboxes by the agent and the map's sources laid beside.
UUCP_MC = """VERSIONID(`a UUCP host')
OSTYPE(bsd4.4)
FEATURE(accept_unresolvable_domains)
FEATURE(nocanonify)
FEATURE(mailertable, `hash -o /etc/mail/mailertable')
define(`UUCP_RELAY', %(peer)s)
define(`UUCP_MAX_SIZE', 20000)
define(`confDONT_PROBE_INTERFACES')
define(`LOCAL_MAILER_PATH', `[mbox]')
define(`LOCAL_MAILER_FLAGS', `9PSmn')
define(`LOCAL_MAILER_ARGS', `mbox /var/mail/$u')
define(`UUCP_MAILER_PATH', `/usr/bin/uux')
MAILER(local)
MAILER(smtp)
MAILER(uucp)
Cw %(name)s.UUCP %(name)s
Cw %(also)s
"""


def uucp_host(net, name, peer, address, peer_address, users, mailertable, also='localhost'):
    node = net.node(name + '.example', address, users=users)
    for d in ('/etc/uucp', '/var/spool/uucp', '/var/log/uucp', '/var/spool/uucppublic'):
        node.run('mkdir', '-p', d, check=True); node.run('chown', 'uucp:uucp', d, check=True)
    node.write('/etc/uucp/config', 'nodename %s\nlockdir /var/spool/uucp\n' % name)
    node.write('/etc/uucp/sys', 'system %s\ncall-login *\ncall-password *\ntime any\nchat "" \\r ogin:--ogin: \\L word: \\P\nprotocol t\nport TCP\naddress %s\ncommands rmail\ncommand-path /usr/bin\n' % (peer, peer_address))
    node.write('/etc/uucp/port', 'port TCP\ntype tcp\nservice 540\n'); node.write('/etc/uucp/call', '%s u%s secret\n' % (peer, name), user='uucp', mode=0o600)
    node.write('/etc/uucp/passwd', 'u%s secret\n' % peer, user='uucp', mode=0o600)
    node.configure(UUCP_MC % {'name': name, 'peer': peer, 'also': also}, maps={'mailertable': mailertable}); node.start()
    return node


def call(net, node, peer):
    """One call to the peer, which answers it with a uucico of its own behind TCP port 540; then both run what came."""
    import socket, subprocess, threading
    listener = peer.inside(lambda: socket.create_server((peer.address, 540)))

    def answer():
        client, _ = listener.accept()
        with client: subprocess.run(['nsenter', '-t', str(peer.pid), '-m', '-n', '-u', 'setpriv', '--reuid=10', '--regid=10', '--clear-groups', '/usr/sbin/uucico', '-l'],
                                    stdin=client, stdout=client, stderr=subprocess.DEVNULL, timeout=60)
    t = threading.Thread(target=answer, daemon=True); t.start()
    node.run('uucico', '-S', peer.name.split('.')[0], user='uucp', check=True); t.join(60); listener.close()
    for n in (node, peer): n.run('uuxqt', user='uucp', check=True)


def logs(*nodes): return '\n'.join(n.name + ': ' + n.read('/var/log/uucp/Log') for n in nodes)


def F3(net):
    """Two hosts exchange mail by Taylor UUCP over TCP: uux and rmail, bang paths, From_ lines, UUCP_MAX_SIZE, uuname's neighbours."""
    east = uucp_host(net, 'east', 'west', '192.0.2.1', '192.0.2.2', ('joe',), 'west.UUCP\tuucp-dom:west\nwest.example\tuucp-dom:west\nnew.example\tuucp-new:west\nold.example\tuucp-old:west\n')
    west = uucp_host(net, 'west', 'east', '192.0.2.2', '192.0.2.1', ('ann',), '.\tuucp-dom:east\n', also='new.example old.example west.example')
    expect(east.run('uuname', user='uucp').stdout.strip() == 'west', "east's neighbours", east.run('uuname').stdout)
    east.run('mail', '-s', 'by bang', 'west!ann', user='joe', text='hello west\n', check=True)
    east.run('mail', '-s', 'by domain', 'ann@west.UUCP', user='joe', text='hello west\nFrom here on\n', check=True)
    east.run('sendmail', '-oi', 'ann@west.example', user='joe', text='Subject: too large\nTo: ann@west.example\n\n' + ('x' * 70 + '\n') * 400, check=False)
    for mailer in ('new', 'old'): east.run('mail', '-s', 'by uucp-' + mailer, 'ann@%s.example' % mailer, user='joe', text='hello west\n', check=True)
    net.wait(lambda: east.log().count('mailer=uucp') == 5, 'uux to take the messages')
    expect(re.findall(r'mailer=(uucp-?\w*)', east.log()).count('uucp-dom') == 3, 'by the UUCP mailers of the table', east.log())
    report = net.wait(lambda: east.mailbox('joe'), 'the report on the large one')[0]; holds(str(report), r'552 5\.3\.4 Message is too large; 20000 bytes max', r'Status: 5\.3\.4', r'text/rfc822-headers')
    spooled = east.run('sh', '-c', 'grep -rh "^From .*remote from" /var/spool/uucp/west').stdout.splitlines()
    expect(len(spooled) == 2 and all(re.match(r'From joe +\w{3} \w{3} .* remote from east\.example$', l) for l in spooled), 'uucp-new and uucp-old say where it is from', spooled)
    call(net, east, west)
    got = {m['Subject']: m for m in net.wait(lambda: len(west.mailbox('ann')) == 4 and west.mailbox('ann'), 'the messages in the west\n' + logs(east, west))}
    expect(sorted(got) == ['by bang', 'by domain', 'by uucp-new', 'by uucp-old'], 'all', got)
    paths = {s: m['Return-Path'].strip('<>') for s, m in got.items()}   # joe@east.example, and east.example!joe read as such
    expect(set(paths.values()) == {'joe@east.example'}, 'the paths back', paths); net.wait(lambda: west.log().count('from=joe@east.example') == 4, 'the sender in the log')
    expect('>From here on' in got['by domain'].get_payload(), 'From_ in the text')
    west.run('mail', '-s', 'the answer', 'east!joe', user='ann', text='hello east\n', check=True)
    net.wait(lambda: 'mailer=uucp' in west.log() and 'stat=Sent' in west.log().split('mailer=uucp')[-1], 'uux in the west')
    call(net, west, east)
    net.wait(lambda: [m['Subject'] for m in east.mailbox('joe')][1:] == ['the answer'], 'the answer in the east\n' + logs(east, west))
    west.run('mail', '-s', 'nobody', 'east!nosuch', user='ann', text='hello\n', check=True)
    net.wait(lambda: west.log().count('mailer=uucp') == 2, 'uux in the west'); call(net, west, east)
    net.wait(lambda: re.search(r'to=<?nosuch|nosuch.*User unknown', east.log()), 'the east to refuse')
    net.wait(lambda: re.search(r'mailer=uucp', east.log().split('nosuch')[-1]), 'the report to go back by UUCP'); call(net, east, west)
    report = net.wait(lambda: [m for m in west.mailbox('ann') if m.get_content_type() == 'multipart/report'], 'the report in the west\n' + logs(east, west))[0]
    holds(str(report), r'5\.1\.1', r'nosuch')
