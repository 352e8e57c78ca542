"""A next hop that is down while mail pours in: N messages of 4 KiB from 20 clients.
  The last tenth is accepted at no less than half the rate of the first tenth.
  After a restart the first 220 comes in under 5 s.
  When the hop is back everything arrives, once.
  The processes together stay under 300 MiB (PSS).
usage: queue_load.py --bin build/bin [--messages 100000] [--clients 20]"""
import argparse, os, sys, threading, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
from mail_host import Host, free_port
from smtp_load import Conversation, Hop

ap = argparse.ArgumentParser(); ap.add_argument('--bin', required=True)
ap.add_argument('--messages', type=int, default=100000); ap.add_argument('--clients', type=int, default=20); args = ap.parse_args()
now = time.monotonic; TENTH = args.messages // 10


def accept_all(host):
    """Times at which the first and the last tenth were accepted."""
    lock = threading.Lock(); state = {'next': 0, 'done': 0}; marks = {}; failed = []

    def client():
        try:
            c = Conversation(host.port)
            while True:
                with lock:
                    if state['next'] == args.messages: return
                    ident = state['next']; state['next'] += 1
                c.message(b'b%d@dst.test' % ident)
                with lock: state['done'] += 1; marks[state['done']] = now()
        except OSError as e: failed.append(str(e))
    start = now(); threads = [threading.Thread(target=client) for _ in range(args.clients)]
    for t in threads: t.start()
    peak = 0
    while any(t.is_alive() for t in threads): peak = max(peak, host.pss_mib()); time.sleep(0.5)
    if failed: sys.exit('FAIL: a client: ' + failed[0])
    return TENTH / (marks[TENTH] - start), TENTH / (marks[args.messages] - marks[args.messages - TENTH]), peak


hop_port = free_port(); host = Host(args.bin, 'load', hop_port); problems = []
started = host.start()
if started.returncode != 0: sys.exit('FAIL: the start: ' + started.stdout)
first, last, peak = accept_all(host)
host.stop(); t = now(); host.start(); host.up(); up = now() - t; peak = max(peak, host.pss_mib())
hop = Hop(hop_port); hop.start(); t = now(); host.said('sendmail', '-q')
end = t + max(120, args.messages / 100)
while len(hop.got) < args.messages and now() < end:
    time.sleep(0.5); peak = max(peak, host.pss_mib())
    if int(now() - t) % 20 == 19: host.said('sendmail', '-q')
out = now() - t
print('accepted: first tenth %.0f/s, last tenth %.0f/s (%.2f); restart to 220: %.2f s; delivered %d of %d in %.0f s; PSS at most %.0f MiB' % (first, last, last / first, up, len(hop.got), args.messages, out, peak))
if last < first / 2: problems.append('the last tenth came at less than half the rate of the first')
if up > 5: problems.append('a restart took more than 5 s')
if len(hop.got) != args.messages: problems.append('%d messages did not arrive' % (args.messages - len(hop.got)))
if sum(hop.got.values()) != len(hop.got): problems.append('%d arrived twice' % (sum(hop.got.values()) - len(hop.got)))
if peak > 300: problems.append('more than 300 MiB')
for p in problems: print('FAIL: ' + p)
if problems: print(host.log()[-2000:])
host.remove(); sys.exit(1 if problems else 0)
