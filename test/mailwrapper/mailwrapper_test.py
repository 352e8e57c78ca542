"""mailwrapper with files of its own in a mount namespace: what is run, with which words, and every refusal.
usage: mailwrapper_test.py MAILWRAPPER     needs root (mount namespace)"""
import os, subprocess, sys, tempfile
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
from namespaces import need_namespaces

WRAPPER = os.path.abspath(sys.argv[1])
if '--inside' not in sys.argv:
    need_namespaces('mailwrapper_run')
    sys.exit(subprocess.run(['unshare', '-m', sys.executable, os.path.abspath(__file__), WRAPPER, '--inside']).returncode)

scratch = tempfile.mkdtemp(); failed = []
for d in ('/etc/mail', '/usr/local/etc'): os.makedirs(d, exist_ok=True)


def sh(*words): subprocess.run(words, check=True)


sh('mount', '--make-rprivate', '/'); sh('mount', '-t', 'tmpfs', 'tmpfs', '/etc/mail'); sh('mount', '-t', 'tmpfs', 'tmpfs', '/usr/local/etc')
show = scratch + '/show'
with open(show, 'w') as f: f.write('#!/bin/sh\necho "run:" "$@"\n')
os.chmod(show, 0o755)
for name in ('sendmail', 'mailq', 'loop'): os.symlink(WRAPPER, scratch + '/' + name)


def conf(text, path='/etc/mail/mailer.conf'):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as f: f.write(text)


def check(what, name, words, code, *texts):
    got = subprocess.run([scratch + '/' + name, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    if got.returncode != code or any(t not in got.stdout for t in texts): failed.append('%s: %d %s' % (what, got.returncode, got.stdout))


check('no file: the default', 'sendmail', [], 71, 'no mailer.conf: cannot run') if not os.path.exists('/usr/local/sbin/hikyaku') else None
conf('sendmail %s -x "y\nmailq %s\n' % (show, show))
check('own words, then the caller\'s', 'sendmail', ['-oi', 'joe doe'], 0, 'run: -x "y -oi joe doe\n')
check('another name', 'mailq', [], 0, 'run:\n')
check('a name that is missing', 'loop', [], 78, '/etc/mail/mailer.conf: nothing is said of loop')
conf('sendmail /nonexistent/sendmail\nmailq\nloop %s\n' % (scratch + '/sendmail'))
check('a program that is missing', 'sendmail', [], 71, '/etc/mail/mailer.conf: cannot run /nonexistent/sendmail: No such file')
check('no program named', 'mailq', [], 78, 'line 2: mailq: no program is named')
check('itself', 'loop', [], 78, 'would call itself for ever')
back = scratch + '/back'
with open(back, 'w') as f: f.write('#!/bin/sh\nexec %s/loop "$@"\n' % scratch)
os.chmod(back, 0o755); conf('loop %s\n' % back)
check('itself by way of a script', 'loop', [], 78, 'again and again')
conf('sendmail %s first\n' % show, '/usr/local/etc/mail/mailer.conf')
check('/usr/local first', 'sendmail', [], 0, 'run: first\n')
for f in failed: print('FAIL  ' + f)
print('mailwrapper: %s' % ('failed' if failed else 'ok'))
sys.exit(1 if failed else 0)
