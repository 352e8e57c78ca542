"""One side of the differential test: a program in the golden world (test/golden/world.py), which answers questions, one JSON line each.
Environment as world.py's (ROOT, SENDMAIL, MAKEMAP, CFDIR, HIKYAKU, VERSION). worker.py CONFIG"""
import json, os, re, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__)); sys.path.insert(0, os.path.join(HERE, '..', 'golden'))
import world
world.enter()
import live


def run(args, text):
    try: p = world.inroot([world.SENDMAIL, '-C/etc/mail/sendmail.cf', *args], input=live.enc(text), capture_output=True, timeout=60)
    except subprocess.TimeoutExpired: return {'rc': None, 'out': '', 'err': 'no end within a minute'}
    return {'rc': p.returncode, 'out': live.norm(p.stdout.decode('utf-8', 'surrogateescape')), 'err': live.norm(p.stderr.decode('utf-8', 'surrogateescape'))}


def addresses(job):
    """Each line's answer by itself."""
    got = run(['-bt'], ''.join(l + '\n' for l in job['lines'])); parts = re.split(r'(?m)^> ', got['out'])
    return {'answers': parts[1:1 + len(job['lines'])] if len(parts) > len(job['lines']) else parts, 'rc': got['rc'], 'err': got['err']}


def dialogue(job): return {'dialogue': live.dialogue('-C/etc/mail/sendmail.cf -bs -odq', job['lines'])}
def command(job): return run(job['args'], job['text'])


def main():
    answers = os.fdopen(os.dup(1), 'w'); os.dup2(2, 1)   # what the world prints is no answer
    live.world.setup(peer=True); live.recorders(); live.world.install(sys.argv[1])
    answers.write('ready\n'); answers.flush()
    for line in sys.stdin:
        job = json.loads(line); got = {'addresses': addresses, 'dialogue': dialogue, 'command': command}[job['kind']](job)
        if job['kind'] != 'addresses': live.clear_queue()
        answers.write(json.dumps(got) + '\n'); answers.flush()


main()
