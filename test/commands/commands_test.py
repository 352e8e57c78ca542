#!/usr/bin/env python3
"""Commands that ask, or take over from, what runs: commands_test.py --bin DIR. One host in a root of its own, on a free port.
Queue daemons (requirement C4): -q1h alone; -bd takes over and keeps the interval; -q30m beside it changes the interval and leaves;
-Ac -q30m leaves at once. mailq -Ac lists the drop folder; praliases prints what newaliases stored; mailstats reads a StatusFile."""
import argparse, os, struct, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
from mail_host import Host

ALONE = '/run/hikyaku-alone.pid'


def expect(what, got, want):
    if got != want: raise AssertionError('%s: %r, not %r' % (what, got, want))


def contains(what, text, part):
    if part not in text: raise AssertionError('%s: no %r in:\n%s' % (what, part, text))


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


def main():
    p = argparse.ArgumentParser(); p.add_argument('--bin', required=True); p.add_argument('case', choices=sorted(CASES)); o = p.parse_args()
    host = Host(o.bin, 'commands')
    try:
        CASES[o.case](host); print('%s: passed' % o.case)
    except BaseException:
        print(host.log()[-4000:], file=sys.stderr); raise
    finally: host.remove()


CASES = {'aliases': aliases, 'dropped': dropped, 'queue_daemons': queue_daemons, 'statistics': statistics}
if __name__ == '__main__': main()
