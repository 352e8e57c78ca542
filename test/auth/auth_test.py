"""AUTH of a running system, its users in a sasldb of its own root: who gets in, what the log says, and what clients see when the auth
process is killed: their sessions stay, a dialogue under way is answered 454, and the next one gets in.
usage: auth_test.py --bin build/bin [CASE]"""
import argparse, base64, os, shutil, signal, smtplib, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
from mail_host import Host

ap = argparse.ArgumentParser(); ap.add_argument('--bin', required=True); ap.add_argument('case', nargs='?'); args = ap.parse_args()
TOOL = shutil.which('saslpasswd2', path=os.environ.get('PATH', '') + ':/usr/sbin')


def expect(fact, what, *more):
    if not fact: raise AssertionError('%s\n%s' % (what, '\n'.join(str(m) for m in more)))


def b64(text): return base64.b64encode(text.encode()).decode()


def make_users(host):
    os.makedirs(host.path('etc/sasl2'))
    host.write('etc/sasl2/Sendmail.conf', 'pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: %s\n' % host.path('etc/sasldb2'))
    cf = host.read('etc/mail/sendmail.cf').replace('O LogLevel=9', 'O LogLevel=9\nO AuthMechanisms=CRAM-MD5 LOGIN PLAIN\nO AuthRealm=mail.test')
    host.write('etc/mail/sendmail.cf', cf)
    subprocess.run([TOOL, '-p', '-c', '-f', host.path('etc/sasldb2'), '-u', 'mail.test', 'joe'], input=b'secret', check=True, stderr=subprocess.DEVNULL)
    os.chmod(host.path('etc/sasldb2'), 0o600)   # as sendmail demands it: nobody's but the owner's


def processes(host):
    """{name: pid} of the master's children."""
    out = {}
    for pid, kind in host.family().items():
        try: name = open('/proc/%d/comm' % pid).read().strip()
        except OSError: continue
        if kind == 'child': out[name] = pid
    return out


def greeted(host):
    s = host.smtp(); s.ehlo(); return s


def gets_in(host):
    with greeted(host) as s:
        expect(s.esmtp_features.get('auth', '').split() == ['CRAM-MD5', 'LOGIN', 'PLAIN'], 'what is offered', s.esmtp_features)
    for mechanism in ('auth_cram_md5', 'auth_login', 'auth_plain'):
        with greeted(host) as s:
            s.user, s.password = 'joe', 'secret'
            code, text = s.auth(mechanism[5:].replace('_', '-').upper(), getattr(s, mechanism), initial_response_ok=mechanism == 'auth_plain')
            expect(code == 235, mechanism, code, text)
    with greeted(host) as s:
        try: s.login('joe', 'wrong'); expect(False, 'a wrong password')
        except smtplib.SMTPAuthenticationError as e: expect(e.smtp_code == 535 and e.smtp_error == b'5.7.0 authentication failed', e)
    log = host.log()
    expect('AUTH=server, relay=localhost [127.0.0.1], authid=joe, mech=CRAM-MD5, bits=0' in log, 'the log line of success', log)
    expect('AUTH failure (' in log and 'user=joe, relay=localhost [127.0.0.1]' in log, 'the log line of failure', log)


def killed(host):
    before = processes(host)
    expect(sorted(before) == ['hikyaku-agent', 'hikyaku-auth', 'hikyaku-engine'], 'three processes', before)
    with greeted(host) as bystander, greeted(host) as s:
        expect(s.docmd('AUTH', 'LOGIN')[0] == 334, 'a dialogue')
        os.kill(before['hikyaku-auth'], signal.SIGKILL)
        expect(s.docmd(b64('joe')) == (454, b'4.3.0 Temporary authentication failure'), 'the dialogue whose process is dead')
        host.wait(lambda: processes(host).get('hikyaku-auth', before['hikyaku-auth']) != before['hikyaku-auth'], 'another auth process')

        def again():
            code, text = s.docmd('AUTH', 'PLAIN ' + b64('\0joe\0secret'))
            expect(code in (235, 454), code, text)
            return code == 235
        host.wait(again, 'the same session to get in')
        expect(bystander.noop()[0] == 250, 'other sessions stay')
    after = processes(host)
    expect(all(after[n] == before[n] for n in ('hikyaku-engine', 'hikyaku-agent')), 'engine and agent are the same', before, after)


def reloaded(host):
    before = processes(host)
    with greeted(host) as s:
        expect(s.docmd('AUTH', 'LOGIN')[0] == 334, 'a dialogue')
        os.kill(host.master(), signal.SIGHUP)
        host.wait(lambda: processes(host).get('hikyaku-auth') not in (None, before['hikyaku-auth']) or len(host.family()) > 4, 'a new auth process')
        expect(s.docmd(b64('joe'))[0] == 334 and s.docmd(b64('secret'))[0] == 235, 'a dialogue goes on with the process it began with')
    host.wait(lambda: not os.path.exists('/proc/%d' % before['hikyaku-auth']), 'the old process to leave after its last dialogue')
    with greeted(host) as s: s.login('joe', 'secret')


CASES = {f.__name__: f for f in (gets_in, killed, reloaded)}


def main():
    if not TOOL:
        print('SKIPPED auth tests: no saslpasswd2 (package sasl2-bin)'); sys.exit(77)
    for name in [args.case] if args.case else CASES:
        host = Host(args.bin, 'auth')
        try:
            make_users(host)
            started = host.start(); expect(started.returncode == 0, 'the start', started.stdout)
            host.up(); CASES[name](host)
            print('ok:', name)
        except BaseException:
            print(host.log()[-3000:]); raise
        finally: host.remove()


main()
