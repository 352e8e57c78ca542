"""The /etc/mail that is installed: it compiles, listens to nobody but this host, delivers to its users, and relays for no stranger.
usage: defaults_test.py --bin build/bin"""
import argparse, os, pwd, re

from common import MailRoot, expect, verdict

ap = argparse.ArgumentParser(); ap.add_argument('--bin', required=True); args = ap.parse_args()
m = MailRoot(args.bin)
code, out = m.make('HOST=host', 'install')
expect(code == 0 and 'warning' not in out, 'it is made without a warning', code, out)
cf = m.read('sendmail.cf')
ports = re.findall(r'(?m)^O DaemonPortOptions=(.*)$', cf)
expect(ports and all(re.search(r'Addr=(127\.0\.0\.1|::1)(,|$)', p) for p in ports), 'every port is the loopback\'s', ports)
expect('Mlocal,' in cf and 'P=[mbox]' in cf, 'local mail is delivered by the built-in mailer', cf)

# Who asks, and what he asks for: a stranger may send to users of this host and nowhere else, however he writes it.
STRANGER, HERE = ('192.0.2.66', 'stranger.example'), ('127.0.0.1', 'localhost')
ELSEWHERE = ['joe@far.example', 'joe%far.example@host.example', 'joe%far.example@localhost', 'far.example!joe', 'far.example!joe@localhost',
             '@localhost:joe@far.example', '@host.example,@far.example:joe@far.example', '"joe@far.example"@localhost', 'joe@[198.51.100.7]',
             'joe@far.example.', 'joe%far.example', 'a!b!joe@localhost', 'joe@far@far.example', '"joe%far.example"', 'joe@localhost@far.example',
             'joe%far.example%localhost@localhost', 'joe@IPv6:2001:db8::1', '<joe@far.example>@localhost']


def check_rcpt(client, addresses):
    """{address: what check_rcpt ends with}"""
    words = '.D{client_addr}%s\n.D{client_name}%s\n.D{client_resolve}OK\n' % client
    got = m.run('sendmail', '-bt', input=words + ''.join('check_rcpt <%s>\n' % a for a in addresses))
    ends = re.findall(r'(?m)^check_rcpt +returns: (.*)$', got.stdout)
    expect(len(ends) == len(addresses), 'every address is answered', len(ends), got.stdout)
    return dict(zip(addresses, ends))


def refused(end): return '$# error' in end


for address, end in check_rcpt(STRANGER, ELSEWHERE).items(): expect(refused(end), 'no relaying for a stranger to ' + address, end)
for address, end in check_rcpt(STRANGER, ['root@localhost', 'root@host.example', 'postmaster']).items(): expect(not refused(end), 'mail for here: ' + address, end)
for address, end in check_rcpt(HERE, ['joe@far.example']).items(): expect(not refused(end), 'this host itself sends anywhere', end)

# A message of the command line reaches a mailbox, with no daemon running.
me = pwd.getpwuid(os.getuid()).pw_name; box = m.path('var/mail/' + me)
got = m.run('sendmail', '-odi', me, input='Subject: here\n\nhello to myself\n')
expect(got.returncode == 0 and os.path.exists(box) and 'hello to myself' in open(box).read(), 'delivered to /var/mail', got.stdout, os.listdir(m.path('var/mail')))

# What the files say in their comments works once the mark is taken away, and says what it says.
for name in ('access', 'mailertable', 'virtusertable'):
    examples = re.findall(r'(?m)^#(\S+\t.*)$', m.read(name))
    expect(len(examples) >= 3, 'examples in ' + name, examples)
    m.write(name, '\n'.join(examples) + '\n')
code, out = m.make('HOST=host', 'maps')
expect(code == 0, 'the examples are maps', out)
got = m.run('sendmail', '-bt', input='/map access connect:192.0.2.17\n/map virtuser sales@example.com\n/map mailertable .partner.example\n')
for value in ('REJECT', 'returns joe', 'smtp:[gate.example.net]'): expect(value in got.stdout, 'an example: ' + value, got.stdout)
expect(refused(check_rcpt(('192.0.2.17', 'x.example'), ['old.user@localhost'])['old.user@localhost']), 'an example: To: of the access map')
expect(not refused(check_rcpt(('192.168.7.9', 'in.example'), ['joe@far.example'])['joe@far.example']), 'an example: Connect: RELAY')

# The daemon's words that the .mc file keeps ready in comments.
m.write('sendmail.mc', re.sub(r'(?m)^dnl (DAEMON_OPTIONS|define|MASQUERADE_AS|FEATURE)', r'\1', m.read('sendmail.mc')))
code, out = m.make('HOST=host', 'install')
expect(code == 0 and m.read('sendmail.cf').count('O DaemonPortOptions=') == 3, 'all words of sendmail.mc together', code, out)
for name in ('postmaster', 'abuse', 'MAILER-DAEMON'): expect(re.search('(?m)^%s:' % name, m.read('aliases')), 'alias ' + name)
m.remove()
verdict('default /etc/mail')
