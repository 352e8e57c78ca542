"""/etc/mail/Makefile under GNU make and BSD make: what is made, what is left alone, what a fault leaves as it was.
usage: makefile_test.py --bin build/bin [--make make|bmake]"""
import argparse, os, shutil, threading

from common import MailRoot, expect, verdict

ap = argparse.ArgumentParser(); ap.add_argument('--bin', required=True); ap.add_argument('--make', default='make'); args = ap.parse_args()
if not shutil.which(args.make): print('SKIPPED: no %s here' % args.make); raise SystemExit(77)


def made(output): return sorted(l[len('making '):].split()[0] for l in output.splitlines() if l.startswith('making '))


def first_and_again(m):
    code, out = m.make('install')
    expect(code == 0 and made(out) == ['access.db', 'aliases.db', 'mailertable.db', 'sendmail.cf', 'submit.cf', 'virtusertable.db'], 'all is made', code, out)
    code, out = m.make('install')
    expect(code == 0 and out == '', 'a second time there is nothing to do, nothing to say', code, out)
    m.age(); m.write('access', 'Connect:192.0.2.1\tREJECT\n')
    code, out = m.make()
    expect(code == 0 and made(out) == ['access.db'], 'just what changed', code, out)
    got = m.run('sendmail', '-bt', input='/map access connect:192.0.2.1\n')
    expect('returns REJECT' in got.stdout, 'the new map is read', got.stdout)


def one_alone(m):
    code, out = m.make('maps')
    expect(code == 0 and made(out) == ['access.db', 'mailertable.db', 'virtusertable.db'], 'make maps', code, out)
    m.age(); m.write('access', '#\n'); m.write('mailertable', '#\n')
    code, out = m.make('mailertable.db')
    expect(code == 0 and made(out) == ['mailertable.db'], 'make mailertable.db', code, out)
    m.write('extra', 'a b\n')
    code, out = m.make('maps', 'SENDMAIL_MAP_SRC=extra')
    expect(code == 0 and made(out) == ['access.db', 'extra.db'], 'a map of the site', code, out)
    code, out = m.make('maps', 'SENDMAIL_MAP_SRC=extra misspelt')
    expect(code != 0 and 'map misspelt: no such file' in out, 'a map without a source', code, out)
    expect(oct(os.stat(m.mail('extra.db')).st_mode & 0o777) == '0o640', 'who may read a map')
    m.make('cf')
    code, out = m.make('aliases', 'SENDMAIL_ALIASES=aliases lists')
    expect(code != 0 and 'lists: no such file' in out, 'aliases file without a source', code, out)
    m.write('lists', 'all: root, nobody\n')
    code, out = m.make('aliases', 'SENDMAIL_ALIASES=aliases lists')
    expect(code == 0 and 'lists.db' in made(out), 'two aliases files', code, out)


def host_mc(m):
    """HOST.mc comes first; where there is none, nor a sendmail.mc, it begins as a copy of freebsd.mc; make.conf's words count."""
    m.write('far.mc', m.read('sendmail.mc'))
    code, out = m.make('HOST=far', 'install')
    expect(code == 0 and 'far.cf' in made(out) and 'installing far.cf as sendmail.cf' in out, 'HOST.cf', code, out)
    expect(m.read('far.cf') == m.read('sendmail.cf'), 'it is what is installed')
    code, out = m.make('HOST=far', 'far.cf')
    expect(code == 0 and made(out) == [], 'make HOST.cf, up to date', code, out)
    os.rename(m.mail('sendmail.mc'), m.mail('freebsd.mc'))
    code, out = m.make('HOST=new', 'cf')
    expect(code == 0 and 'making new.mc, a copy of freebsd.mc' in out and 'new.cf' in made(out), 'a new host', code, out)
    m.write('Makefile.local', 'SENDMAIL_MC= mine.mc\n'); m.write('mine.mc', m.read('freebsd.mc').replace('hikyaku:', 'mine:'))
    code, out = m.make('HOST=new', 'install')
    expect(code == 0 and 'mine: the configuration' in m.read('sendmail.cf'), 'the .mc file that is named', code, out)


def faults(m):
    expect(m.make('install')[0] == 0, 'a good one first')
    good = m.read('sendmail.cf'); mc = m.read('sendmail.mc'); inode = os.stat(m.mail('sendmail.cf')).st_ino; lines = mc.count('\n')
    m.write('host.mc', mc + 'FEATURE(`no_such_thing\')\n')
    code, out = m.make('HOST=host', 'install', 'restart')
    expect(code != 0 and 'host.mc:%d: error' % (lines + 1) in out and not m.there('host.cf'), 'a fault in the .mc file', code, out)
    m.write('host.mc', mc + 'LOCAL_CONFIG\nYonder\n')
    code, out = m.make('HOST=host', 'install', 'SENDMAIL_START_SCRIPT=echo never', 'restart')
    expect(code != 0 and 'line' in out and 'Yonder' in out and not m.there('host.cf') and 'never' not in out, 'a fault that only the mail system sees', code, out)
    m.write('host.mc', mc); expect(m.make('HOST=host', 'cf')[0] == 0, 'mended')
    m.write('host.cf', m.read('host.cf').replace('\nMlocal,', '\nMnowhere,'))
    code, out = m.make('HOST=host', 'install')
    expect(code != 0 and 'sendmail.cf stays as it was' in out, 'a .cf broken by hand is not installed', code, out)
    expect(m.read('sendmail.cf') == good and os.stat(m.mail('sendmail.cf')).st_ino == inode, 'the old one was not touched')
    before = open(m.mail('access.db'), 'rb').read(); m.write('access', 'onlyakey\n')
    code, out = m.make('maps')
    expect(code != 0 and 'access' in out and 'no RHS for LHS onlyakey' in out and 'access.db stays as it was' in out and open(m.mail('access.db'), 'rb').read() == before, 'a fault in a map', code, out)
    left = [n for n in os.listdir(m.mail('')) if '.new' in n]
    expect(left == [], 'nothing half made stays', left)


def starting(m):
    script = m.path('script')
    with open(script, 'w') as f: f.write('#!/bin/sh\necho "asked to $1"\n[ $1 != stop ]\n')
    os.chmod(script, 0o755)
    for word in ('start', 'restart', 'reload', 'status'):
        code, out = m.make('SENDMAIL_START_SCRIPT=' + script, word)
        expect(code == 0 and out == 'asked to %s\n' % word, 'make ' + word, code, out)
    expect(m.make('SENDMAIL_START_SCRIPT=' + script, 'stop')[0] != 0, 'its failure is ours')
    code, out = m.make('SENDMAIL_START_SCRIPT=' + script, 'install', 'restart')
    expect(code == 0 and out.endswith('asked to restart\n') and m.there('sendmail.cf'), 'make install restart', code, out)


def never_half(m):
    """Whoever reads while make works finds a whole file: each is renamed into place."""
    m.make('install'); torn = []; done = threading.Event()

    def reads():
        while not done.is_set():
            for name, least in (('sendmail.cf', 10000), ('access.db', 8192)):
                size = os.stat(m.mail(name)).st_size
                if size < least: torn.append((name, size))
    thread = threading.Thread(target=reads); thread.start()
    for i in range(3):
        m.age(); m.write('sendmail.mc', m.read('sendmail.mc')); m.write('access', 'a%d OK\n' % i)
        code, out = m.make('install')
        expect(code == 0 and made(out) == ['access.db', 'sendmail.cf'], 'made anew', code, out)
    done.set(); thread.join()
    expect(not torn, 'a half written file was seen', torn[:3])


for case in (first_and_again, one_alone, host_mc, faults, starting, never_half):
    m = MailRoot(args.bin, args.make)
    case(m); m.remove()
verdict('makefile (%s)' % args.make)
