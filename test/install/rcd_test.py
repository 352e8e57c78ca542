"""rc.d/hikyaku, init.d/hikyaku and hikyaku-service, with the mail system started for true: what each setting of rc.conf starts, what it
leaves, and that no message is lost where nothing runs (C3, C4).
usage: rcd_test.py --bin build/bin"""
import argparse, os, re, shutil, socket, subprocess, time

from common import MailRoot, SOURCE, expect, verdict
from mail_host import ME, free_port

ap = argparse.ArgumentParser(); ap.add_argument('--bin', required=True); args = ap.parse_args()
INIT = os.path.join(SOURCE, 'share', 'init')
OFF = 'sendmail_enable="NO"\nsendmail_submit_enable="NO"\nsendmail_outbound_enable="NO"\nsendmail_msp_queue_enable="NO"\n'


class Scripts:
    """The scripts as they are installed, with the binary and the root of this test, and an rc.conf."""
    def __init__(self, m):
        self.m = m; self.port = free_port(); m.make('install')
        for name in ('hikyaku-service', 'rc.d/hikyaku', 'init.d/hikyaku'):
            with open(os.path.join(INIT, name)) as f: text = f.read()
            text = text.replace('@SBIN@', m.bin).replace('@LIBEXEC@', m.path('')[:-1]).replace('/etc/default/', m.path('etc/default/'))
            with open(m.path(name.replace('/', '-').replace('rc.d-', 'rc-').replace('init.d-', 'init-')), 'w') as f: f.write(text)
        for name in ('hikyaku-service', 'rc-hikyaku', 'init-hikyaku'): os.chmod(m.path(name), 0o755)
        os.makedirs(m.path('var/run'), exist_ok=True); os.makedirs(m.path('etc/default'))
        self.loopback = '-ODaemonPortOptions=Port=%d,Addr=127.0.0.1' % self.port
        # FreeBSD's own flags, but for the port: 25 is not ours.
        self.flags = 'sendmail_flags="-L sm-mta -bd -q30m %s"\nsendmail_submit_flags="-L sm-mta -bd -q30m %s"\n' % (self.loopback, self.loopback)

    def call(self, script, word, **env):
        got = subprocess.run([self.m.path(script), word], env=dict(os.environ, MAIL_ROOT=self.m.root, **env), stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        return got.returncode, got.stdout

    def rc(self, settings, word):
        with open(self.m.path('rc.conf'), 'w') as f: f.write(self.flags + settings)
        return self.call('rc-hikyaku', word, RC_SUBR=os.path.join(SOURCE, 'test', 'install', 'rc_subr.sh'), RC_CONF=self.m.path('rc.conf'))

    def pid_file(self):
        try:
            with open(self.m.path('var/run/sendmail.pid')) as f: return f.read().split('\n')
        except OSError: return []

    def log(self):
        try:
            with open(self.m.path('var/log/maillog')) as f: return f.read()[-3000:]
        except OSError as e: return e

    def listens(self):
        with socket.socket() as s: s.settimeout(5); return s.connect_ex(('127.0.0.1', self.port)) == 0

    def runs(self, settings=''):
        code, out = self.rc(settings, 'status')
        expect(code in (0, 3), 'status says 0 or 3', code, out)
        return code == 0

    def submit(self, text):
        got = self.m.run('sendmail', '-i', ME, input='Subject: %s\n\n' % text)
        expect(got.returncode == 0, 'submitting ' + text, got.stdout)

    def arrives(self, text, seconds=30):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                with open(self.m.path('var/mail/' + ME)) as f:
                    if 'Subject: %s\n' % text in f.read(): return True
            except OSError: pass
            time.sleep(0.05)
        return False


def settings_of_rc_conf(s):
    on = 'sendmail_enable="YES"\n'
    code, out = s.rc(on, 'start')
    expect(code == 0 and s.runs(on) and s.listens(), 'sendmail_enable=YES', code, out)
    words = s.pid_file()
    expect(words and words[0].isdigit() and '-L sm-mta -bd -q30m' in words[1] and os.path.exists('/proc/' + words[0]), 'PID file: the process, its command line', words)
    code, out = s.rc(on, 'start')
    expect(code == 0 and 'already running' in out and s.pid_file() == words, 'a second start', code, out)
    code, out = s.rc(on, 'stop')
    expect(code == 0 and not s.runs(on) and not s.listens() and not s.pid_file(), 'stop', code, out)
    expect(s.rc(on, 'stop')[0] == 0, 'a second stop')
    for setting in ('sendmail_enable="NONE"\n', OFF):
        code, out = s.rc(setting, 'start')
        expect(code == 0 and 'not started' in out and not s.runs(setting), 'nothing is on', setting, code, out)
    code, out = s.rc('sendmail_enable="NONE"\n', 'onestart')
    expect(code == 0 and s.listens(), 'onestart', code, out)
    code, out = s.rc('sendmail_enable="NONE"\n', 'restart')
    expect(code == 0 and not s.runs() and not s.listens(), 'a restart after everything was switched off', code, out)


def receiving_off(s):
    """C4: commands submit, the queue is worked through; only SMTP is not there. With SMTP a submit.cf would hand over to port 25."""
    for name in ('submit.mc', 'submit.cf'): os.unlink(s.m.mail(name))
    for extra, smtp in (('sendmail_submit_enable="YES"\n', True), ('sendmail_outbound_enable="YES"\n', False), ('sendmail_msp_queue_enable="YES"\n', False)):
        code, out = s.rc(OFF + extra, 'start')
        expect(code == 0 and s.runs(OFF + extra) and s.listens() == smtp, 'receiving off', extra, code, out)
        s.submit('with ' + extra.strip()); expect(s.arrives('with ' + extra.strip()), 'submitted and delivered', extra, s.log())
        expect(s.rc(OFF + extra, 'stop')[0] == 0 and not s.runs(), 'stop', extra)


def all_off(s):
    """C4: with nothing running mail waits, and goes when something is started."""
    for name in ('submit.mc', 'submit.cf'): os.unlink(s.m.mail(name))
    got = s.m.run('sendmail', '-i', '-odq', ME, input='Subject: waits\n\n')
    expect(got.returncode == 0 and not s.arrives('waits', 0.5), 'it is taken, and waits', got.stdout)
    left = s.m.run('mailq')
    expect('Total requests: 1' in left.stdout, 'mailq shows it', left.stdout)
    code, out = s.rc(OFF + 'sendmail_outbound_enable="YES"\n', 'start')
    expect(code == 0 and s.arrives('waits'), 'it goes with the start', code, out)
    s.rc('', 'stop')


def another_mta(s):
    script = s.m.path('other')
    with open(script, 'w') as f: f.write('echo "other: $1"\n')
    code, out = s.rc('sendmail_enable="NONE"\nmta_start_script="%s"\n' % script, 'start')
    expect(code == 0 and out == 'other: start\n' and not s.runs(), 'mta_start_script', code, out)


def restart_and_reload(s):
    on = 'sendmail_enable="YES"\n'; s.rc(on, 'start'); first = s.pid_file()[0]
    cf = s.m.read('sendmail.cf')
    s.m.write('sendmail.cf', cf + 'Yonder\n')
    code, out = s.rc(on, 'restart')
    expect(code != 0 and 'sendmail.cf: line %d' % (cf.count('\n') + 1) in out and 'the old mail system goes on' in out and s.pid_file()[0] == first and s.listens(), 'restart with a broken configuration', code, out)
    code, out = s.rc(on, 'reload')
    expect(code != 0 and s.pid_file()[0] == first and s.listens(), 'reload with a broken configuration', code, out)
    s.m.write('sendmail.cf', cf.replace('\nO SmtpGreetingMessage=', '\nO SmtpGreetingMessage=anew '))
    with socket.create_connection(('127.0.0.1', s.port), 20) as c:
        c.recv(500)
        code, out = s.rc(on, 'reload')
        expect(code == 0 and s.pid_file()[0] == first, 'reload', code, out)
        c.sendall(b'NOOP\r\n'); expect(c.recv(500).startswith(b'250'), 'the session goes on')
    with socket.create_connection(('127.0.0.1', s.port), 20) as c: greeting = c.recv(500)
    expect(greeting.startswith(b'220 anew '), 'the new greeting', greeting)
    code, out = s.rc(on, 'restart')
    expect(code == 0 and s.pid_file() and s.pid_file()[0] != first and s.listens(), 'restart', code, out)
    s.rc(on, 'stop')


def init_d(s):
    with open(s.m.path('etc/default/hikyaku'), 'w') as f: f.write('HIKYAKU_FLAGS="-bd -q5m %s"\n' % s.loopback)
    code, out = s.call('init-hikyaku', 'start')
    expect(code == 0 and s.listens() and '-bd -q5m' in s.pid_file()[1], 'init.d start', code, out)
    expect(s.call('init-hikyaku', 'status')[0] == 0 and s.call('init-hikyaku', 'force-reload')[0] == 0 and s.listens(), 'status, force-reload')
    expect(s.call('init-hikyaku', 'stop')[0] == 0 and s.call('init-hikyaku', 'status')[0] == 3, 'stop')
    with open(s.m.path('etc/default/hikyaku'), 'w') as f: f.write('RUN_DAEMON=no\n')
    expect(s.call('init-hikyaku', 'start')[0] == 0 and s.call('init-hikyaku', 'status')[0] == 3, 'RUN_DAEMON=no')


def systemd_units(s):
    """The units have no fault that systemd sees. What the daemon says to it: process_master_test."""
    if not shutil.which('systemd-analyze'): print('systemd-analyze is not here: the units were not checked'); return
    units = s.m.path('units'); os.makedirs(units)
    for name in os.listdir(os.path.join(INIT, 'systemd')):
        with open(os.path.join(INIT, 'systemd', name)) as f: text = re.sub(r'(?m)^Documentation=.*\n', '', f.read())
        with open(os.path.join(units, name), 'w') as f: f.write(text.replace('@SBIN@', s.m.bin))
    for name in ('hikyaku.service', 'hikyaku-smtp.socket'):
        got = subprocess.run(['systemd-analyze', 'verify', '--man=no', os.path.join(units, name)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        ours = [l for l in got.stdout.splitlines() if 'hikyaku' in l]
        expect(not ours, name, *ours)


def stale_pid_file(s):
    """The number of a process that is not ours, left by a power cut: never killed, no reason not to start."""
    other = subprocess.Popen(['sleep', '600'])
    try:
        with open(s.m.path('var/run/sendmail.pid'), 'w') as f: f.write('%d\nsendmail -bd\n' % other.pid)
        expect(not s.runs() and s.rc('', 'stop')[0] == 0 and other.poll() is None, 'another process is left alone')
        code, out = s.rc('sendmail_enable="YES"\n', 'start')
        expect(code == 0 and s.listens(), 'start beside a stale PID file', code, out)
        s.rc('', 'stop')
    finally: other.kill(); other.wait()


def pid_file_elsewhere(s):
    """PidFile is the configuration's to choose (Debian's sendmail: /run/sendmail/mta, on a disk that every boot empties)."""
    mc = s.m.read('sendmail.mc'); s.m.write('sendmail.mc', re.sub(r'(?m)^(OSTYPE.*)$', "\\1\ndefine(`confPID_FILE', `/run/elsewhere/mta/sm.pid')dnl", mc)); s.m.make('install')
    on = 'sendmail_enable="YES"\n'
    code, out = s.rc(on, 'start')
    there = os.path.exists(s.m.path('run/elsewhere/mta/sm.pid'))
    expect(code == 0 and there and not s.pid_file() and s.runs(on) and s.listens(), 'PidFile of the configuration', code, out, there)
    code, out = s.rc(on, 'stop')
    expect(code == 0 and not s.listens() and not s.runs(on), 'stop', code, out)
    for pid in [p for p in os.listdir('/proc') if p.isdigit()]:   # one that was not found is not left to the machine
        try:
            with open('/proc/%s/cmdline' % pid) as f: words = f.read()
            if s.m.root in words and words.startswith(s.m.bin): os.kill(int(pid), 15)
        except OSError: pass


for case in (settings_of_rc_conf, receiving_off, all_off, another_mta, restart_and_reload, init_d, systemd_units, stale_pid_file, pid_file_elsewhere):
    m = MailRoot(args.bin); s = Scripts(m)
    try: case(s)
    finally:
        if s.pid_file(): s.rc('', 'stop')
        m.remove()
verdict('rc.d')
