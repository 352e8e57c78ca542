#!/usr/bin/env python3
"""SMTP dialogues or command lines of the golden records against the built program, for ctest:
golden_live_test.py BINDIR CFDIR smtp|cli CONFIG-or-FAMILY...  Every byte is compared (COMPARE=codes: only codes and where mail went);
what is known to differ, and why, stands in differences.txt: it must differ, and its codes must not.
The records' local delivery programs are replaced by recorders, so the program runs in a root of its own: this machine's /usr under an
overlay, nothing outside is changed. Exits with 77, and says why, where that cannot be had."""
import os, shutil, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__)); WHAT = "live golden tests"
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from namespaces import need_namespaces, skip


def make_root(bindir):
    """In a mount namespace of our own: / in small, writable, forgotten at the end."""
    root = tempfile.mkdtemp(prefix="hikyaku-root."); mount = lambda *a: subprocess.run(["mount", *a], capture_output=True, text=True)
    mount("--make-rprivate", "/"); mount("-t", "tmpfs", "tmpfs", root)
    for d in ("usr", "opt/hikyaku", "var/lib", "var/spool", "var/mail", "var/log", "home", "root", "tmp", "run", "dev", ".upper", ".work"): os.makedirs(root + "/" + d)
    os.chmod(root, 0o755); os.chmod(root + "/tmp", 0o1777)
    got = mount("-t", "overlay", "overlay", "-o", "lowerdir=/usr,upperdir=%s/.upper,workdir=%s/.work" % (root, root), root + "/usr")
    if got.returncode != 0: skip(WHAT, "no overlay file system here: " + got.stderr.strip())
    for d in ("bin", "sbin", "lib", "lib64", "lib32"):
        if os.path.islink("/" + d): os.symlink(os.readlink("/" + d), root + "/" + d)
        elif os.path.isdir("/" + d): os.makedirs(root + "/" + d); mount("--bind", "/" + d, root + "/" + d)
    shutil.copytree("/etc", root + "/etc", symlinks=True, ignore_dangling_symlinks=True)
    mount("--bind", bindir, root + "/opt/hikyaku")
    return root


def main():
    bindir, cfdir, kind, which = sys.argv[1:5]; more = sys.argv[5:]
    need_namespaces(WHAT, ("unshare", "ip", "mount", "nsenter"))
    if not os.path.exists(os.path.join(cfdir, "inet", "sendmail.cf")):
        skip(WHAT, "no %s/inet/sendmail.cf; run test/golden/prepare.sh %s (needs the package sendmail-cf)" % (cfdir, cfdir))
    if which == "sasl" and not shutil.which("saslpasswd2"): skip(WHAT, "the program saslpasswd2 is missing (sasl2-bin)")
    if os.environ.get("HKY_LIVE_INSIDE") != "1":
        sys.exit(subprocess.run(["unshare", "--mount", sys.executable, *sys.argv], env=dict(os.environ, HKY_LIVE_INSIDE="1")).returncode)
    version = subprocess.run([bindir + "/hikyaku", "--version"], capture_output=True, text=True).stdout.split()[-1]
    env = dict(os.environ, COMPARE=os.environ.get("COMPARE", "full"), DIFFERENCES=os.path.join(HERE, "differences.txt"), SENDMAIL="/opt/hikyaku/sendmail",
               MAKEMAP="/opt/hikyaku/makemap", HIKYAKU="/opt/hikyaku/hikyaku", CFDIR=os.path.abspath(cfdir), VERSION=version, ROOT=make_root(os.path.abspath(bindir)), PYTHONDONTWRITEBYTECODE="1")
    sys.exit(subprocess.run([sys.executable, os.path.join(HERE, "replay_live.py"), os.path.join(HERE, "open"), kind, which, *more], env=env).returncode)


if __name__ == "__main__":
    main()
