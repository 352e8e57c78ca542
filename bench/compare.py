"""compare.py raw.tsv: Hikyaku beside each other peer, pair by pair: the README's table (markdown).
The k-th run of a workload of both is a pair; what is quoted is the median of the pairs' ratios."""
import collections, statistics, sys

NAMES = {'w1c1': 'relay 4 KiB, 1 client', 'w1c20': 'relay 4 KiB, 20 clients, a connection a message', 'w1c100': 'relay 4 KiB, 100 clients',
         'w1d1': 'relay 4 KiB, 1 kept connection', 'w1d20': 'relay 4 KiB, 20 kept connections', 'w2c1': 'mbox 4 KiB, 1 client',
         'w2c20': 'mbox 4 KiB, 20 clients', 'w2c100': 'mbox 4 KiB, 100 clients', 'w3': 'relay 1 MiB, 10 clients', 'w4': 'sendmail command, 4 KiB'}

rows = collections.defaultdict(list)
idle = {}
for line in open(sys.argv[1]):
    f = line.rstrip('\n').split('\t')
    kv = dict(x.split('=', 1) for x in f[3:] if '=' in x)
    if 'e2e_rate' in kv: rows[f[1], f[2]].append(kv)
    if f[2] == 'w5' and 'KiB_per_session' in kv and int(kv['sessions']) > 500: idle[f[1]] = float(kv['KiB_per_session'])

def med(values): return statistics.median(values) if values else float('nan')
def num(x): return '%.0f' % x if x >= 100 else '%.1f' % x if x >= 10 else '%.2f' % x

others = [p for p in dict.fromkeys(a for a, _ in rows) if p != 'hikyaku']
for other in others:
    print('\n| load | Hikyaku msg/s | %s msg/s | rate, median of ratios (min..max) | CPU ms/msg | CPU ratio | flushes/msg |' % other.capitalize())
    print('|---|---|---|---|---|---|---|')
    for wl in NAMES:
        a, b = rows.get(('hikyaku', wl), []), rows.get((other, wl), [])
        pairs = list(zip(a, b))
        if not pairs: continue
        ratio = [float(x['e2e_rate']) / float(y['e2e_rate']) for x, y in pairs if float(y['e2e_rate'])]
        cpu = [float(y['cpu_ms_msg']) / float(x['cpu_ms_msg']) for x, y in pairs if float(x['cpu_ms_msg'])]
        lost = sum(int(x['N']) - int(x['done']) for x, _ in pairs if 'done' in x)
        print('| %s | %s | %s | %s (%s..%s, %d pairs)%s | %s / %s | 1/%s | %s / %s |' % (
            NAMES[wl], num(med([float(x['e2e_rate']) for x, _ in pairs])), num(med([float(y['e2e_rate']) for _, y in pairs])),
            num(med(ratio)) + '×', num(min(ratio)), num(max(ratio)), len(pairs), ' MISSING %d' % lost if lost else '',
            '%.3f' % med([float(x['cpu_ms_msg']) for x, _ in pairs]), '%.3f' % med([float(y['cpu_ms_msg']) for _, y in pairs]),
            num(med(cpu)), '%.2f' % med([float(x['flush_msg']) for x, _ in pairs]), '%.2f' % med([float(y['flush_msg']) for _, y in pairs])))
if idle:
    print('\nMemory an idle session (PSS of all processes, 1,000 sessions after EHLO): ' + ', '.join('%s %s KiB' % (p, num(v)) for p, v in idle.items()))
