"""What 100,000 entries in access, virtusertable and mailertable cost: server CPU a message, in turn with a host without these FEATUREs.
At most 1.2 times (issue 4). Both configurations are made by `hikyaku makecf`; addresses are drawn from the maps and beside them.
usage: map_cost.py --bin build/bin [--rounds 5] [--messages 3000] [--entries 100000]"""
import argparse, os, random, statistics, subprocess, sys, threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
from mail_host import Host, free_port
from smtp_load import Conversation, Hop

ap = argparse.ArgumentParser(); ap.add_argument('--bin', required=True); ap.add_argument('--rounds', type=int, default=5); ap.add_argument('--seed', type=int, default=2026)
ap.add_argument('--messages', type=int, default=3000); ap.add_argument('--clients', type=int, default=8); ap.add_argument('--entries', type=int, default=100000); args = ap.parse_args()
MAPS = ('access', 'virtusertable', 'mailertable'); TICK = os.sysconf('SC_CLK_TCK')
MC = """OSTYPE(linux)
define(`SMART_HOST', `esmtp:[127.0.0.1]')
define(`ESMTP_MAILER_ARGS', `TCP $h %d')
define(`RELAY_MAILER_ARGS', `TCP $h %d')
define(`confSERVICE_SWITCH_FILE', `/etc/mail/service.switch')
define(`confMCI_CACHE_SIZE', `2')
FEATURE(accept_unresolvable_domains)
FEATURE(nocanonify)
%sMAILER(local)
MAILER(smtp)
"""
FEATURES = 'FEATURE(access_db)\nFEATURE(virtusertable)\nFEATURE(mailertable)\n'


def entries(name):
    for i in range(args.entries):
        if name == 'access': yield 'From:u%d@src%d.test\tOK' % (i, i % 977) if i % 2 else 'Connect:10.%d.%d.%d\tRELAY' % (i >> 16, i >> 8 & 255, i & 255)
        elif name == 'virtusertable': yield 'v%d@virtual%d.test\tr%d@dst.test' % (i, i % 977, i)
        else: yield 'host%d.test\tesmtp:[127.0.0.1]' % i


def host_with(maps, hop):
    host = Host(args.bin, 'mapcost')
    mc = host.path('etc/mail/sendmail.mc')
    host.write('etc/mail/sendmail.mc', MC % (hop, hop, FEATURES + 'VIRTUSER_DOMAIN_FILE(`/etc/mail/virtuser-domains\')\n' if maps else ''))
    host.write('etc/mail/sendmail.cf', host.run('hikyaku', 'makecf', mc, check=True, stdout=subprocess.PIPE, text=True).stdout)
    host.write('etc/mail/service.switch', 'hosts files\naliases files\n'); host.write('etc/mail/virtuser-domains', ''.join('virtual%d.test\n' % i for i in range(977)))
    if maps:
        for name in MAPS:
            host.write('etc/mail/' + name, '\n'.join(entries(name)) + '\n')
            with open(host.path('etc/mail/' + name)) as f: host.run('makemap', 'hash', '/etc/mail/' + name, stdin=f, check=True)
    started = host.start()
    if started.returncode != 0: sys.exit('FAIL: the start: ' + started.stdout)
    return host


def cpu_seconds(host):
    total = 0
    for p in host.family():
        with open('/proc/%d/stat' % p) as f: fields = f.read().rsplit(')', 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def addresses(rng):
    i = rng.randrange(2 * args.entries)   # half of them are in no map
    sender = b'u%d@src%d.test' % (i, i % 977)
    return sender, (b'x%d@host%d.test' % (i, i), b'y%d@dst.test' % i)[i % 2]


def one_round(host, hop, rng):
    """CPU milliseconds a message, all processes of the host, until the next hop has every message."""
    before, arrived, todo, lock, failed = cpu_seconds(host), hop.count, [addresses(rng) for _ in range(args.messages)], threading.Lock(), []

    def client():
        try:
            c = Conversation(host.port)
            while True:
                with lock:
                    if not todo: return
                    sender, rcpt = todo.pop()
                c.message(rcpt, sender)
        except OSError as e: failed.append(str(e))
    threads = [threading.Thread(target=client) for _ in range(args.clients)]
    for t in threads: t.start()
    for t in threads: t.join()
    if failed: sys.exit('FAIL: a client: %s\n%s' % (failed[0], host.log()[-1500:]))
    host.wait(lambda: hop.count >= arrived + args.messages, 'every message at the next hop', 120)
    return (cpu_seconds(host) - before) * 1000 / args.messages


port = free_port(); hop = Hop(port); hop.start(); rng = random.Random(args.seed); print('seed', args.seed)
plain, big = host_with(False, port), host_with(True, port); pairs = []
for i in range(args.rounds + 1):
    a, b = one_round(plain, hop, rng), one_round(big, hop, rng)
    if i: pairs.append((a, b)); print('without %.3f ms, with %.3f ms a message: %.2f' % (a, b, b / a), flush=True)   # the first warms both
ratio = statistics.median(b / a for a, b in pairs)
print('%d entries in each of %s: %.2f times the CPU a message (median of %d pairs)' % (args.entries, ', '.join(MAPS), ratio, len(pairs)))
for host in (plain, big): host.remove()
sys.exit(0 if ratio <= 1.2 else 'FAIL: more than 1.2 times')
