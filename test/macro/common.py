"""What the macro-library tests share: skipping with a reason, the world of test/golden, a .cf made by `hikyaku makecf`."""
import os, shutil, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]
import namespaces


def skip(why):
    namespaces.skip("macro library test", why)


def need_m4():
    if not (shutil.which("m4") or shutil.which("gm4")):
        skip("GNU m4 is missing (apt-get install m4)")


def need_world(bindir):
    """the environment for test/golden/world.py; skips where its namespaces cannot be had"""
    need_m4()
    namespaces.need_namespaces("macro library test")
    os.environ.update(SENDMAIL=os.path.abspath(bindir) + "/sendmail", MAKEMAP=os.path.abspath(bindir) + "/makemap", ROOT="/", PYTHONDONTWRITEBYTECODE="1")


def makecf(bindir, library, mc):
    """(exit code, .cf text, messages)"""
    done = subprocess.run([os.path.abspath(bindir) + "/hikyaku", "makecf", "--library", os.path.abspath(library), os.path.basename(mc)], cwd=os.path.dirname(mc) or ".",
                          capture_output=True)
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace").splitlines()


class Checks:
    """expectations, each printed when it fails; exit code 1 if any did"""

    def __init__(self):
        self.failed = 0
        self.asked = 0

    def equal(self, what, want, got):
        self.asked += 1
        if want != got:
            self.failed += 1
            print("FAILED %s\n   want %r\n   got  %r" % (what, want, got))

    def true(self, what, holds):
        self.equal(what, True, bool(holds))

    def end(self):
        print("%d checks, %d failed" % (self.asked, self.failed))
        sys.exit(1 if self.failed or not self.asked else 0)
