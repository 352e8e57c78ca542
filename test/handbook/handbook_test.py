"""One of the Handbook's cases on hosts of their own: handbook_test.py --bin build/bin CASE.
The cases are the functions with a requirement's name in *_cases.py; each is given a fresh Net (test/support/net.py)."""
import argparse, importlib, os, sys, time

HERE = os.path.dirname(os.path.abspath(__file__)); sys.path[:0] = [HERE, os.path.join(HERE, '..', 'support')]
from namespaces import skip
from net import Net, enter
TOOLS = {'D1': 'mail dig', 'D2': 's-nail dig', 'D3': 'mail', 'D5': 'swaks', 'D6': 'swaks mutt', 'E1': 'swaks dig', 'E2': 'mail dig', 'E3': 'mutt s-nail', 'E4': 'swaks dig',
         'G2': 'mail s-nail', 'G3': 'mutt s-nail', 'F3': 'uux uuxqt uucico', 'R1': 'mutt mail', 'R2': 'mail', 'R3': 'swaks mutt'}


def main():
    ap = argparse.ArgumentParser(); ap.add_argument('--bin', required=True); ap.add_argument('case'); args = ap.parse_args()
    enter('handbook_' + args.case, args.bin)
    missing = [t for t in TOOLS.get(args.case, '').split() if not any(os.path.exists(d + t) for d in ('/usr/bin/', '/usr/sbin/', '/usr/lib/uucp/'))]
    if missing: skip('handbook_' + args.case, 'not installed: ' + ' '.join(missing) + ' (tools/packages.txt)')
    modules = [importlib.import_module(f[:-3]) for f in sorted(os.listdir(HERE)) if f.endswith('_cases.py')]
    case = next(getattr(m, args.case) for m in modules if hasattr(m, args.case))
    net = Net(args.bin); began = time.monotonic()
    try: case(net)
    except BaseException: print(net.story()); raise
    print('%s: %s (%.1f s)' % (args.case, case.__doc__, time.monotonic() - began))


if __name__ == '__main__':
    main()
