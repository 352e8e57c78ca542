"""A Debian host that ran Debian's sendmail takes our package: every line of its stock /etc/mail is accounted for, its configuration is used
as it is, its StatusFile and the mail in its queues are taken over, and `hikyaku adopt --undo` puts back what was changed.
usage: from_sendmail_test.py --build BUILD_DIR [--base DIR] [--keep]     needs what package_test.py needs"""
import os, re, sys

from common import SOURCE, expect
from fresh_root import must, run_inside, sh

STATISTICS = '/var/lib/sendmail/sendmail.st'


def stock_sendmail(fresh):
    """Debian's sendmail as its package configures it: not started, since the network is still this machine's."""
    policy = fresh.path('/usr/sbin/policy-rc.d')
    with open(policy, 'w') as f: f.write('#!/bin/sh\nexit 101\n')
    must(fresh.install('sendmail'), 'the installation of sendmail')
    with open(policy, 'w') as f: f.write('#!/bin/sh\nexit 0\n')


def every_line(fresh):
    got = sh(sys.executable, SOURCE + '/test/adopt/adopt_test.py', os.path.abspath(fresh.args.build) + '/bin', fresh.path('/etc/mail'))
    expect(got.returncode == 0, 'every line of the stock /etc/mail is accounted for', got.stdout)
    print('  ' + ''.join(l for l in got.stdout.splitlines() if fresh.root in l).replace(fresh.path('/etc/mail'), 'stock /etc/mail:'))


def leaves_mail_behind(fresh):
    for words, subject in ((('root',), 'submitted'), (('-Am', 'bob@far.example'), 'queued')):
        got = fresh.run('sendmail', '-odq', *words, input='Subject: %s by sendmail\n\nhello\n' % subject)
        expect(got.returncode == 0, "sendmail's own queue", got.stdout)
    for queue in ('mqueue', 'mqueue-client'): expect(os.listdir(fresh.path('/var/spool/' + queue)), queue + ' has a message')
    fresh.run('sh', '-c', 'touch %s; chown smmta:smmsp %s; chmod 640 %s' % ((STATISTICS,) * 3))


def picture(fresh):
    out = {}
    for folder, _, names in os.walk(fresh.path('/etc/mail')):
        for n in names:
            path = os.path.join(folder, n); st = os.lstat(path)
            out[path] = (os.readlink(path) if os.path.islink(path) else open(path, 'rb').read(), st.st_mode, st.st_uid, st.st_gid)
    return out


def takes_the_package(fresh, deb):
    before = picture(fresh); got = fresh.install(deb, 'bsd-mailx')
    expect(got.returncode == 0 and 'fault' not in got.stdout, 'apt puts it in the place of sendmail', got.stdout[-3000:])
    expect(os.path.realpath(fresh.path('/usr/sbin/sendmail')).endswith('hikyaku'), '/usr/sbin/sendmail')
    after = picture(fresh); changed = [p[len(fresh.root):] for p in before if after.get(p) != before[p]]
    expect(changed == ['/etc/mail/Makefile'], "the operator's files are as they were, but for the Makefile of the other package", changed)
    expect(after.get(fresh.path('/etc/mail/Makefile.before-hikyaku')) == before[fresh.path('/etc/mail/Makefile')], 'that Makefile is kept')
    got = fresh.run('service', 'hikyaku', 'status')
    expect(got.returncode == 0, "it runs, with the PidFile of Debian's sendmail", got.stdout)
    st = fresh.run('stat', '-c', '%U:%G %a', STATISTICS).stdout
    expect(st == 'hikyaku:smmsp 640\n', "StatusFile became the engine's, for its group to read", st)
    expect(fresh.run('mail', '-s', 'test', 'root', input='hello\n').returncode == 0, 'mail')
    fresh.wait(lambda: 'Subject: test' in fresh.box(), 'a message')
    fresh.wait(lambda: re.search(r'(?m)^ *\d+ .* local$', fresh.run('mailstats').stdout), 'mailstats counts')


def adopts(fresh):
    before = picture(fresh); got = fresh.run('hikyaku', 'adopt', '--apply')
    expect(got.returncode == 0, 'adopt --apply', got.stdout[-2000:])
    fresh.wait(lambda: 'Subject: submitted by sendmail' in fresh.box(), "the message of sendmail's queue")
    listed = fresh.run('hikyaku', 'queue', 'list').stdout
    expect('bob@far.example' in listed and fresh.box().count('submitted by sendmail') == 1, 'the other one waits', listed)
    left = [n for queue in ('mqueue', 'mqueue-client') for n in os.listdir(fresh.path('/var/spool/' + queue))]
    expect(not left, "sendmail's queues are empty", left)
    got = fresh.run('hikyaku', 'adopt', '--undo')
    expect(got.returncode == 0 and got.stdout.count('stays here') == 2, 'adopt --undo', got.stdout)
    after = picture(fresh)
    expect(after == before, 'and nothing is left of it', [p for p in set(before) | set(after) if before.get(p) != after.get(p)])


def leaves(fresh, before):
    got = fresh.run('dpkg', '--purge', '--force-depends', 'hikyaku')   # apt would fetch sendmail-bin back at once
    expect(got.returncode == 0 and 'mail still waits' in got.stdout, 'it leaves, but not the mail', got.stdout[-2000:])
    alive = fresh.run('sh', '-c', 'for p in $(grep -l hikyaku /proc/[0-9]*/comm); do tr "\\0" " " < ${p%comm}cmdline; done').stdout
    expect(not alive, 'nothing runs any more', alive)
    after = picture(fresh)
    expect(after == before, "/etc/mail is as Debian's sendmail left it", [p[len(fresh.root):] for p in set(before) | set(after) if before.get(p) != after.get(p)])


def whole(fresh):
    fresh.make(); deb, = fresh.packages('1.0')
    fresh.name('stock.example'); stock_sendmail(fresh)
    fresh.download(deb, 'bsd-mailx'); fresh.apart()
    every_line(fresh); leaves_mail_behind(fresh); before = picture(fresh)
    takes_the_package(fresh, deb); adopts(fresh); leaves(fresh, before)


run_inside("from Debian's sendmail to the package", __file__, whole)
