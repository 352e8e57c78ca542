#!/usr/bin/env python3
"""One configuration's golden cases against the built program, for ctest: golden_test.py SENDMAIL CFDIR CONFIG.
Exits with 77, and says why, where namespaces or the configurations cannot be had."""
import os, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from namespaces import need_namespaces, skip


def main():
    sendmail, cfdir, config = sys.argv[1:4]
    need_namespaces("golden tests")
    if not os.path.exists(os.path.join(cfdir, config, "sendmail.cf")):
        skip("golden tests", "no %s/%s/sendmail.cf; run test/golden/prepare.sh %s (needs the package sendmail-cf)" % (cfdir, config, cfdir))
    version = subprocess.run([os.path.join(os.path.dirname(sendmail), "hikyaku"), "--version"], capture_output=True, text=True).stdout.split()[-1]
    env = dict(os.environ, SENDMAIL=sendmail, CFDIR=cfdir, VERSION=version, COMPARE="full", ROOT="/", PYTHONDONTWRITEBYTECODE="1")
    sys.exit(subprocess.run([sys.executable, os.path.join(HERE, "replay.py"), os.path.join(HERE, "open"), config], env=env).returncode)


if __name__ == "__main__":
    main()
