"""`make install restart` beside sessions under way: what a reload can take is taken without dropping one; a port that changed is
taken by a true restart; a broken configuration changes nothing.
usage: restart_test.py --bin build/bin"""
import argparse, os, smtplib, socket

from common import MailRoot, SOURCE, expect, verdict
from mail_host import ME, free_port

ap = argparse.ArgumentParser(); ap.add_argument('--bin', required=True); args = ap.parse_args()
m = MailRoot(args.bin); os.makedirs(m.path('var/run')); port = free_port()
service = m.path('hikyaku-service')
with open(os.path.join(SOURCE, 'share/init/hikyaku-service')) as f: text = f.read()
with open(service, 'w') as f: f.write(text.replace('@SBIN@', m.bin))
os.chmod(service, 0o755); os.environ['MAIL_ROOT'] = m.root
mc = m.read('sendmail.mc').replace('Name=MTA, Family=inet,', 'Name=MTA, Family=inet, Port=%d,' % port)


def make(*words): return m.make('HOST=host', 'SENDMAIL_START_SCRIPT=%s' % service, *words)


def pid():
    try:
        with open(m.path('var/run/sendmail.pid')) as f: return f.readline().strip()
    except OSError: return ''


def greeting(at):
    with socket.create_connection(('127.0.0.1', at), 20) as c: return c.recv(500).decode()


def delivered(ident):
    idle = m.run('queue', 'idle', '--wait', '30')
    expect(idle.returncode == 0, 'the queue is at rest', idle)
    with open(m.path('var/mail/' + ME)) as f: return 'X-Id: %s\n' % ident in f.read()


try:
    m.write('sendmail.mc', mc)
    code, out = make('install', 'start')
    expect(code == 0 and pid().isdigit(), 'started', code, out)
    first = pid()

    # Four sessions, each at another point of its dialogue, live through it.
    sessions = [smtplib.SMTP('127.0.0.1', port, timeout=30) for _ in range(4)]
    sessions[1].ehlo(); sessions[2].ehlo(); sessions[2].mail('<a@localhost>'); sessions[3].ehlo(); sessions[3].mail('<a@localhost>'); sessions[3].rcpt('<%s@localhost>' % ME)
    m.write('sendmail.mc', mc.replace('MAILER(`local\')', "define(`confSMTP_LOGIN_MSG', `$j anew')dnl\nMAILER(`local')"))
    code, out = make('install', 'restart')
    expect(code == 0 and 'installing' not in out and pid() == first, 'make install restart', code, out, pid(), first)
    for i, s in enumerate(sessions):
        if i == 0: s.ehlo()
        if i < 2: s.mail('<a@localhost>')
        if i < 3: s.rcpt('<%s@localhost>' % ME)
        code, text = s.data('X-Id: lives-%d\r\n\r\nhello\r\n' % i)
        expect(code == 250 and delivered('lives-%d' % i), 'session %d goes on' % i, code, text); s.quit()
    expect('anew' in greeting(port), 'new sessions have the new configuration', greeting(port))

    m.write('sendmail.mc', mc + 'LOCAL_CONFIG\nYonder\n')
    code, out = make('install', 'restart')
    expect(code != 0 and pid() == first and 'anew' in greeting(port), 'a broken one changes nothing', code, out)

    other = free_port(); m.write('sendmail.mc', mc.replace('Port=%d' % port, 'Port=%d' % other))
    code, out = make('install', 'restart')
    expect(code == 0 and pid() != first and greeting(other).startswith('220'), 'another port is a true restart', code, out)
    with socket.socket() as s: expect(s.connect_ex(('127.0.0.1', port)) != 0, 'the old port is closed')
    code, out = make('status')
    expect(code == 0 and pid() in out, 'status', code, out)
    code, out = make('stop')
    expect(code == 0 and pid() == '', 'stop', code, out)
finally:
    if pid(): make('stop')
    m.remove()
verdict('restart')
