"""`hikyaku adopt` on whole trees: every line of every file accounted for; --apply and --undo with a queue of sendmail's.
usage: adopt_test.py BIN-DIRECTORY [ETC-MAIL ...]      further /etc/mail folders are accounted for too"""
import json, os, pwd, shutil, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__)); sys.path.insert(0, os.path.join(HERE, '..', 'support'))
import mail_host

BIN = os.path.abspath(sys.argv[1]); GOLDEN = os.path.join(HERE, '..', 'golden', 'cf')
failed = []

# A FreeBSD host's files, in the forms its documentation names.
FREEBSD = {
    'etc/mail/host.mc': 'divert(-1)\n#\n# a host on the net\n#\ndivert(0)\nVERSIONID(`$FreeBSD$\')\nOSTYPE(freebsd6)\nDOMAIN(generic)\n\n'
                        'FEATURE(access_db, `hash -o -T<TMPF> /etc/mail/access\')\nFEATURE(blocklist_recipients)\nFEATURE(local_lmtp)\n'
                        'FEATURE(mailertable, `hash -o /etc/mail/mailertable\')\nFEATURE(virtusertable, `hash -o /etc/mail/virtusertable\')\n\n'
                        'dnl Uncomment to allow relaying based on your MX records.\ndnl FEATURE(relay_based_on_MX)\n\n'
                        'define(`confCW_FILE\', `-o /etc/mail/local-host-names\')\ndefine(`confNO_RCPT_ACTION\', `add-to-undisclosed\')\n'
                        'define(`confPRIVACY_FLAGS\', `authwarnings,noexpn,novrfy\')\ndefine(`confSAFE_FILE_ENV\', `/safe\')\n'
                        'FEATURE(`no_such_feature\')\nMAILER(local)\nMAILER(smtp)\n',
    'etc/mail/Makefile': '# site\nSENDMAIL_MC?= host.mc\nall: cf maps\nmaps:\n\tmakemap hash access < access\n',
    'etc/mail/mailer.conf': '# mailer.conf\nsendmail\t/usr/libexec/sendmail/sendmail\nmailq\t\t/usr/libexec/sendmail/sendmail\nnewaliases\t/usr/libexec/sendmail/sendmail\n',
    'etc/mail/access.sample': '# Connect:x RELAY\n', 'etc/mail/access': 'cyberspammer.com ERROR:"550 no"\n10.1 RELAY\n',
    'etc/mail/aliases': 'MAILER-DAEMON: postmaster\npostmaster: root\n\n# lists\nmsgs: "| /usr/bin/msgs -s"\nnonsense\n',
    'etc/mail/local-host-names': 'example.org\n', 'etc/mail/helpfile': '#vers 2\nsmtp\ttext\n',
    'etc/mail/certs/cacert.pem': '-----BEGIN CERTIFICATE-----\n',
    'etc/rc.conf': 'hostname="x"\nsendmail_enable="YES"\nsendmail_flags="-L sm-mta -bd"\nsendmail_msp_queue_enable="NO"\nsendmail_nonsense="x"\n',
}


def write(root, name, text):
    path = os.path.join(root, name); os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as f: f.write(text if isinstance(text, bytes) else text.encode())


def adopt(root, *words):
    run = subprocess.run([os.path.join(BIN, 'hikyaku'), 'adopt', '--root', root, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    return run.returncode, run.stdout.decode(errors='replace'), run.stderr.decode(errors='replace')


def accounted(name, root):
    """The accounts by path, each line of each file there once."""
    code, out, err = adopt(root, '-v', '--json')
    if code != 0: failed.append('%s: exit %d %s' % (name, code, err)); return {}
    files = {f['path']: f for f in json.loads(out)['files']}
    for folder, _, names in os.walk(root + '/etc/mail'):
        for n in names:
            path = os.path.join(folder, n); shown = path[len(root):]
            if not os.path.exists(path): continue
            if shown not in files: failed.append('%s: %s is not accounted for' % (name, shown)); continue
            data = open(path, 'rb').read(); f = files[shown]
            if b'\0' in data or n.endswith('.db'): continue
            want = data.count(b'\n') + (0 if data.endswith(b'\n') or not data else 1)
            if [l['line'] for l in f['lines']] != list(range(1, want + 1)): failed.append('%s: %s: %d lines, %d accounted for' % (name, shown, want, len(f['lines'])))
            if f['comment'] + f['honoured'] + f['different'] + f['not_honoured'] != want: failed.append('%s: %s: counts' % (name, shown))
            for l in f['lines']:
                if l['verdict'] in ('different', 'not-honoured') and not l['why']: failed.append('%s: %s:%d: no reason' % (name, shown, l['line']))
    return files


def totals(name, files):
    print('%-22s %3d files %5d honoured %4d different %4d not honoured %5d comments' % (name, len(files), *(sum(f[k] for f in files.values()) for k in ('honoured', 'different', 'not_honoured', 'comment'))))


def verdict_of(files, path, text):
    for l in files.get(path, {'lines': []})['lines']:
        if text in l['text']: return l['verdict']
    return 'no such line'


def freebsd():
    root = tempfile.mkdtemp(prefix='hikyaku-adopt.')
    for name, text in FREEBSD.items(): write(root, name, text)
    files = accounted('freebsd', root); totals('freebsd', files)
    for path, text, want in (('/etc/mail/host.mc', 'no_such_feature', 'not-honoured'), ('/etc/mail/host.mc', 'OSTYPE', 'honoured'), ('/etc/mail/host.mc', 'access_db', 'honoured'),
                             ('/etc/mail/host.mc', 'a host on the net', 'comment'), ('/etc/mail/host.mc', 'dnl FEATURE', 'comment'), ('/etc/mail/host.mc', 'SAFE_FILE', 'different'),
                             ('/etc/mail/mailer.conf', 'mailq', 'different'), ('/etc/mail/aliases', 'nonsense', 'not-honoured'), ('/etc/mail/aliases', 'msgs', 'honoured'),
                             ('/etc/rc.conf', 'sendmail_enable', 'honoured'), ('/etc/rc.conf', 'sendmail_flags', 'honoured'), ('/etc/rc.conf', 'sendmail_nonsense', 'not-honoured'), ('/etc/mail/Makefile', 'all:', 'different')):
        got = verdict_of(files, path, text)
        if got != want: failed.append('freebsd: %s: "%s" is %s, not %s' % (path, text, got, want))
    shutil.rmtree(root)


def golden():
    for name in sorted(os.listdir(GOLDEN)):
        root = tempfile.mkdtemp(prefix='hikyaku-adopt.'); shutil.copytree(os.path.join(GOLDEN, name), root + '/etc/mail')
        mc = os.path.join(root, 'etc/mail', name + '.mc')
        if os.path.exists(mc): write(root, 'etc/mail/sendmail.cf', subprocess.run([os.path.join(BIN, 'hikyaku'), 'makecf', mc], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)
        totals(name, accounted(name, root)); shutil.rmtree(root)


def others():
    for folder in sys.argv[2:]:
        root = tempfile.mkdtemp(prefix='hikyaku-adopt.'); shutil.copytree(folder, root + '/etc/mail', symlinks=True)
        totals(folder, accounted(folder, root)); shutil.rmtree(root)


def picture(root):
    """Every byte, mode, owner, folder and link that adopt may touch."""
    out = {}
    for top in ('etc', 'var/spool/mqueue', 'var/log/mail', 'old'):
        for folder, folders, names in os.walk(os.path.join(root, top)):
            for n in names + folders:
                path = os.path.join(folder, n); st = os.lstat(path)
                if path.endswith('aliases.db'): continue
                what = os.readlink(path) if os.path.islink(path) else open(path, 'rb').read() if n in names else 'folder'
                out[path[len(root):]] = (what, st.st_mode, st.st_uid, st.st_gid)
    return out


def different(before, after): return sorted(k for k in set(before) | set(after) if before.get(k) != after.get(k))


def queue_file(to, extra=''):
    return 'V8\nT%d\nK0\nN0\nP30000\n%sSjoe@a.example\nRPFD:%s\nH?P?Return-Path: <\udc81g>\nH??From: joe@a.example\nH??Subject: adopted\n.\n' % (1_900_000_000, extra, to)


def apply_and_undo():
    host = mail_host.Host(BIN, 'adopt')
    try:
        host.write('etc/mail/mailer.conf', FREEBSD['etc/mail/mailer.conf']); host.write('etc/mail/Makefile', FREEBSD['etc/mail/Makefile'])
        os.makedirs(host.path('var/spool/mqueue'))
        for qid, text, body in (('A1', queue_file(mail_host.ME), 'for a user\n'), ('B2', queue_file('bob@far.example', 'qsuspect\n'), 'kept aside\n')):
            write(host.root, 'var/spool/mqueue/qf' + qid, text.encode(errors='surrogateescape')); write(host.root, 'var/spool/mqueue/df' + qid, body)
            for kind in ('qf', 'df'): os.chmod(host.path('var/spool/mqueue/%s%s' % (kind, qid)), 0o600)
        before = picture(host.root)
        if adopt(host.root)[0] != 0 or picture(host.root) != before: failed.append('looking changed something')
        code, out, err = adopt(host.root, '--apply')
        if code != 0: failed.append('apply: %d %s' % (code, err)); return
        if os.listdir(host.path('var/spool/mqueue')): failed.append('apply: the queue still has %s' % os.listdir(host.path('var/spool/mqueue')))
        if 'libexec' in host.read('etc/mail/mailer.conf') or 'hikyaku' not in host.read('etc/mail/Makefile'): failed.append('apply: mailer.conf or Makefile')
        idle = host.said('hikyaku', 'queue', 'idle', '--wait', '60')
        if 'for a user' not in host.mailbox() or host.mailbox().count('Subject: adopted') != 1: failed.append('apply: the mailbox: %r, %r' % (host.mailbox(), idle.stdout))
        waiting = [json.loads(line) for line in host.said('hikyaku', 'queue', 'list', '--json').stdout.splitlines() if line.startswith('{')]
        if len(waiting) != 1 or waiting[0].get('quarantine') != 'suspect' or waiting[0]['rcpts'][0]['address'] != 'bob@far.example': failed.append('apply: the queue: %s' % waiting)
        if adopt(host.root, '--apply')[0] != 0: failed.append('a second apply')
        code, out, err = adopt(host.root, '--undo')
        if code != 0: failed.append('undo: %d %s' % (code, err)); return
        after = picture(host.root)
        gone = {k for k in before if k.endswith('A1')}   # delivered: it must not come back
        if set(different(before, after)) != gone: failed.append('undo: differs in %s' % different(before, after))
        if 'stays here' not in out: failed.append('undo: says nothing of the delivered message: %s' % out)
        if '{' in host.said('hikyaku', 'queue', 'list', '--json').stdout: failed.append('undo: our queue still has the message')
        if adopt(host.root, '--undo')[0] != 1: failed.append('a second undo')
    finally: host.remove()


def from_and_undo():
    """--from: the saved /etc/mail of another host comes to its place, links are written through, StatusFile becomes the engine's; and back."""
    host = mail_host.Host(BIN, 'adopt-from')
    try:
        root = host.root; cf = host.read('etc/mail/sendmail.cf') + 'O StatusFile=/var/log/mail/statistics\n'
        saved = {'sendmail.cf': cf, 'access': 'example.org\tRELAY\n', 'mailer.conf': FREEBSD['etc/mail/mailer.conf'], 'Makefile': FREEBSD['etc/mail/Makefile'],
                 'aliases': 'postmaster: root\n', 'certs/own/cacert.pem': '-----BEGIN\n', 'raw': b'\xff\x00\xfe', 'sendmail.mc': FREEBSD['etc/mail/host.mc']}
        for name, text in saved.items(): write(root, 'old/' + name, text)
        for name, mode in (('access', 0o640), ('certs/own/cacert.pem', 0o600), ('raw', 0o400)): os.chmod(host.path('old/' + name), mode)
        write(root, 'etc/mail/access', 'mine\tOK\n'); os.chmod(host.path('etc/mail/access'), 0o604)
        os.rename(host.path('etc/mail/aliases'), host.path('etc/aliases')); os.symlink('../aliases', host.path('etc/mail/aliases'))
        write(root, 'var/log/mail/statistics', b''); os.chmod(host.path('var/log/mail/statistics'), 0o640)
        before = picture(root)
        code, out, err = adopt(root, '--from', '/old')
        if code != 0 or picture(root) != before: failed.append('from: looking: %d %s, changed %s' % (code, err, different(before, picture(root))))
        code, out, err = adopt(root, '--from', '/old', '--apply')
        if code != 0: failed.append('from: apply: %d %s' % (code, err)); return
        now = picture(root)
        for name, text in saved.items():
            if name in ('Makefile', 'mailer.conf', 'aliases'): continue
            got = now.get('/etc/mail/' + name, ('missing', 0))
            want_mode = 0o604 if name == 'access' else os.stat(host.path('old/' + name)).st_mode & 0o777   # who is there already keeps his mode
            if got[0] != (text if isinstance(text, bytes) else text.encode()) or got[1] & 0o777 != want_mode: failed.append('from: %s is not what it was: %r' % (name, got))
        if now['/etc/mail/aliases'] != before['/etc/mail/aliases'] or now['/etc/aliases'][0] != b'postmaster: root\n': failed.append('from: the link was not written through')
        if b'libexec' in now['/etc/mail/mailer.conf'][0] or b'hikyaku' not in now['/etc/mail/Makefile'][0]: failed.append('from: mailer.conf or Makefile')
        if [k for k in different(before, now) if k.startswith('/old/')]: failed.append('from: the saved folder was changed')
        counter = now['/var/log/mail/statistics']
        user = engine_user()
        if user is not None and counter[2] != user or counter[1] & 0o777 != 0o640: failed.append('from: StatusFile: %r' % (counter,))
        code, out, err = adopt(root, '--undo')
        if code != 0: failed.append('from: undo: %d %s' % (code, err)); return
        if picture(root) != before: failed.append('from: undo: differs in %s' % [(k, before.get(k), picture(root).get(k)) for k in different(before, picture(root))])
    finally: host.remove()


def engine_user():
    """Whose the engine's files are where root starts it; None: the starter's."""
    try: return pwd.getpwnam('hikyaku').pw_uid if os.geteuid() == 0 else None
    except KeyError: return None


freebsd(); golden(); others(); apply_and_undo(); from_and_undo()
for f in failed: print('FAIL  ' + f)
print('adopt: %s' % ('failed' if failed else 'ok'))
sys.exit(1 if failed else 0)
