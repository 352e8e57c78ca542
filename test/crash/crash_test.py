"""kill -9 of master, engine and agent at seeded moments while messages flow in by SMTP, out to a next hop and into a mailbox.
  Every message that got its 250 arrives.
  Nothing whose delivery the next hop confirmed more than 100 ms before a kill is delivered again.
  No message in the mailbox is torn or glued to another.
usage: crash_test.py --bin build/bin [--messages 2000] [--kills 20] [--seed 1] [--keep]"""
import argparse, collections, os, random, re, signal, socket, sys, threading, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
from mail_host import Host, ME

ap = argparse.ArgumentParser()
ap.add_argument('--bin', required=True); ap.add_argument('--messages', type=int, default=2000)
ap.add_argument('--kills', type=int, default=20); ap.add_argument('--seed', type=int, default=1)
ap.add_argument('--clients', type=int, default=8); ap.add_argument('--keep', action='store_true')
args = ap.parse_args()
now = time.monotonic
GRACE = 0.1                          # seconds of confirmed deliveries that a crash may repeat


class Sink(threading.Thread):
    """The next hop: answers everything, notes when each message got its 250."""
    def __init__(self):
        super().__init__(daemon=True)
        self.s = socket.create_server(('127.0.0.1', 0), backlog=64); self.port = self.s.getsockname()[1]
        self.got = collections.defaultdict(list); self.lock = threading.Lock(); self.torn = []

    def run(self):
        while True:
            c, _ = self.s.accept()
            threading.Thread(target=self.serve, args=(c,), daemon=True).start()

    def serve(self, c):
        try:
            f = c.makefile('rb'); c.sendall(b'220 sink.test ESMTP\r\n')
            while True:
                line = f.readline()
                if not line: return
                word = line[:4].upper()
                if word == b'EHLO': c.sendall(b'250-sink.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n')
                elif word == b'DATA':
                    c.sendall(b'354 go\r\n'); text = []
                    while True:
                        line = f.readline()
                        if not line: return
                        if line == b'.\r\n': break
                        text.append(line)
                    m = re.search(rb'^X-Id: (\S+)', b''.join(text), re.M); ident = m[1].decode() if m else '?'
                    if not any(l.startswith(b'END ' + ident.encode()) for l in text): self.torn.append(ident)
                    c.sendall(b'250 2.0.0 ok\r\n')
                    with self.lock: self.got[ident].append(now())
                elif word == b'QUIT': c.sendall(b'221 bye\r\n'); return
                else: c.sendall(b'250 ok\r\n')
        except OSError: pass
        finally: c.close()


class Lag(threading.Thread):
    """How late this machine runs things: a crash may repeat what was confirmed GRACE before it, on a machine that keeps time."""
    def __init__(self): super().__init__(daemon=True); self.late = []

    def run(self):
        while True:
            t = now(); time.sleep(0.01); self.late.append((t, now() - t - 0.01))

    def around(self, t): return 2 * max((l for at, l in self.late if t - 0.3 < at < t + 0.3), default=0)


class Client(threading.Thread):
    """Sends its share one after the other; a message is confirmed when its 250 was read."""
    def __init__(self, host, share, confirmed):
        super().__init__(daemon=True); self.host = host; self.share = share; self.confirmed = confirmed; self.c = None

    def talk(self, line, want):
        self.c.sendall(line)
        while True:
            r = self.f.readline()
            if not r: raise OSError('closed')
            if r[3:4] != b'-': break
        if not r.startswith(want): raise OSError(r.decode(errors='replace'))

    def connect(self):
        self.c = socket.create_connection(('127.0.0.1', self.host.port), 5); self.c.settimeout(20); self.f = self.c.makefile('rb')
        if not self.f.readline().startswith(b'220'): raise OSError('greeting')
        self.talk(b'EHLO client.test\r\n', b'250')

    def run(self):
        for name, rcpt in self.share:
            for attempt in range(1, 10000):              # each try is a message of its own
                ident = '%s.%d' % (name, attempt)
                text = ('From: a@client.test\r\nX-Id: %s\r\nSubject: crash\r\n\r\n' % ident + 'filler line of the message\r\n' * 40 + 'END %s\r\n' % ident).encode()
                try:
                    if self.c is None: self.connect()
                    self.talk(b'MAIL FROM:<%s@localhost>\r\n' % ME.encode(), b'250'); self.talk(b'RCPT TO:<%s>\r\n' % rcpt.encode(), b'250')
                    self.talk(b'DATA\r\n', b'354'); self.talk(text + b'.\r\n', b'250')
                    self.confirmed[ident] = rcpt; break
                except OSError:
                    if self.c is not None: self.c.close()
                    self.c = None; time.sleep(0.02)


def wait_gone(pids, limit=20):
    end = now() + limit
    while now() < end:
        alive = [p for p in pids if os.path.exists('/proc/%d' % p) and open('/proc/%d/stat' % p).read().rsplit(')', 1)[1].split()[0] != 'Z']
        if not alive: return
        time.sleep(0.02)
    sys.exit('FAIL: processes %s outlive their master' % alive)


def start(host):
    host.start('-q1s'); host.up()


def main():
    rnd = random.Random(args.seed); sink = Sink(); sink.start(); lag = Lag(); lag.start(); host = Host(args.bin, 'crash', sink.port); start(host)
    messages = [('m%05d' % i, 'u%d@next.test' % (i % 7) if i % 2 else ME + '@localhost') for i in range(args.messages)]
    confirmed = {}; clients = [Client(host, messages[i::args.clients], confirmed) for i in range(args.clients)]
    for c in clients: c.start()
    kills = []; step = args.messages // (args.kills + 1)
    t0 = now()
    while len(kills) < args.kills:
        goal = (len(kills) + 1) * step + rnd.randrange(max(1, step // 2))
        while len(confirmed) < min(goal, args.messages - 1) and now() - t0 < 400: time.sleep(0.001)
        if now() - t0 >= 400: sys.exit('FAIL: only %d messages were confirmed in 400 s' % len(confirmed))
        time.sleep(rnd.random() * 0.02)
        family = host.family(); kind = 'master' if rnd.randrange(4) == 0 else 'child'
        victims = sorted(p for p, k in family.items() if k == kind)
        if not victims: time.sleep(0.05); continue
        pid = rnd.choice(victims); others = [p for p in family if p != pid]
        at = now()
        try: os.kill(pid, signal.SIGKILL)
        except ProcessLookupError: continue      # it went by itself meanwhile: not a kill of ours
        kills.append((at, kind))
        if kind == 'master': wait_gone(others + [pid]); start(host)
        else: host.up()
    for c in clients: c.join(200)
    if any(c.is_alive() for c in clients): sys.exit('FAIL: clients did not finish: %d of %d confirmed' % (len(confirmed), args.messages))
    idle = None
    for _ in range(30):
        idle = host.said('hikyaku', 'queue', 'idle', '--wait', '10')
        host.said('sendmail', '-q'); time.sleep(0.3)
        if idle.returncode == 0 and 'empty' in host.said('mailq').stdout: break
    left = host.said('mailq').stdout
    box = host.mailbox()
    host.stop()
    parts = [p for p in re.split(r'(?m)^(?=From \S+ +\w{3} \w{3} )', box) if p]
    inbox = collections.Counter(); bad = []
    for p in parts:
        ids = re.findall(r'(?m)^X-Id: (\S+)', p); ends = re.findall(r'(?m)^END (\S+)', p)
        if len(ids) != 1 or ends != ids or not p.endswith('\n\n'): bad.append(p[:200])
        else: inbox[ids[0]] += 1
    lost = [i for i, r in confirmed.items() if not (sink.got.get(i) if r.endswith('@next.test') else inbox[i])]
    # what the next hop confirms shortly after a kill was on the wire already: nobody heard that confirmation
    again = [i for i, t in sink.got.items() if len(t) > 1 and not any(t[0] - 0.25 - lag.around(t[0]) <= k < t[0] + GRACE + lag.around(t[0]) for k, _ in kills)]
    repeats = sum(len(t) - 1 for t in sink.got.values()); boxed = sum(n - 1 for n in inbox.values() if n > 1)
    print('%d messages, %d kills (%d of the master), %.1f s; delivered again: %d by SMTP, %d in the mailbox' %
          (len(confirmed), len(kills), sum(k == 'master' for _, k in kills), now() - t0, repeats, boxed))
    problems = []
    if lost: problems.append('%d confirmed messages are lost: %s' % (len(lost), ' '.join(lost[:5])))
    if bad: problems.append('%d torn or glued messages in the mailbox: %r' % (len(bad), bad[0]))
    if sink.torn: problems.append('torn on the wire: %s' % sink.torn[:5])
    if again: problems.append('%d delivered again long after their confirmation: %s' % (len(again), ' '.join('%s (%s; kills %s s after)' % (i, ' '.join('%.3f' % (x - t0) for x in sink.got[i]),
                    ' '.join('%.3f' % (k - sink.got[i][0]) for k, _ in kills if abs(k - sink.got[i][0]) < 5)) for i in again[:5])))
    if 'empty' not in left: problems.append('the queue is not empty: ' + left[:500])
    for p in problems: print('FAIL: ' + p)
    if problems: print('log: %s/var/log/maillog' % host.root)
    elif not args.keep: host.remove()
    return 1 if problems else 0


sys.exit(main())
