"""FreshRoot: a Debian of its own, made by debootstrap from this machine's archive, in which packages are installed: what the tests of
installation by package share. Mount, process and host-name namespaces are its own, and once `apart` the network, too."""
import argparse, ctypes, os, re, shutil, subprocess, sys, tempfile, time

from common import SOURCE, expect, failed, verdict
from namespaces import need_namespaces, skip

ENV = {'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'DEBIAN_FRONTEND': 'noninteractive', 'LC_ALL': 'C', 'HOME': '/root', 'TERM': 'xterm'}


class Missing(Exception):
    """Something that the test needs of this machine or of Debian's archive."""


def sh(*words, **how): return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **how)


def must(got, what):
    if got.returncode == 0: return got.stdout
    print(got.stdout[-4000:]); raise Missing('%s failed (%s)' % (what, ' '.join(got.args[:6])))


def debian():
    """This machine's Debian release, and the archive that it installs from."""
    said = sh('apt-get', 'indextargets', '--format', '$(ORIGIN) $(CODENAME) $(COMPONENT) $(SITE)', 'Identifier: Packages').stdout
    for origin, release, component, site in (l.split() for l in said.splitlines() if l.count(' ') == 3):
        if origin == 'Debian' and component == 'main' and re.fullmatch('[a-z]+', release): return release, site
    raise Missing('apt knows no archive of Debian here')


class FreshRoot:
    def __init__(self, args):
        """--base: a minbase root made earlier, which is copied; --keep: the root is left where it was made."""
        self.args = args; self.scratch = tempfile.mkdtemp(prefix='hikyaku-package.'); self.root = self.scratch + '/root'

    def path(self, name): return self.root + name
    def run(self, *words, input=None, timeout=600): return sh('chroot', self.root, *words, input=input, env=ENV, timeout=timeout)

    def make(self):
        """A minbase Debian, with what apt needs: the rest is done without a network."""
        sh('mount', '--make-rprivate', '/')
        if self.args.base: must(sh('cp', '-a', self.args.base, self.root), 'the copy')
        else: release, site = debian(); must(sh('debootstrap', '--variant=minbase', release, self.root, site, timeout=1800), 'debootstrap')
        for kind, at in (('proc', '/proc'), ('devpts', '/dev/pts')): must(sh('mount', '-t', kind, kind, self.root + at), 'mount')
        with open(self.path('/usr/sbin/policy-rc.d'), 'w') as f: f.write('#!/bin/sh\nexit 0\n')   # no init system here, and yet services may start
        os.chmod(self.path('/usr/sbin/policy-rc.d'), 0o755)
        shutil.copy('/etc/resolv.conf', self.path('/etc/resolv.conf'))
        proxies = [l for l in sh('apt-config', 'dump').stdout.splitlines() if re.match(r'Acquire::[a-z]+::Proxy', l, re.I)]
        with open(self.path('/etc/apt/apt.conf.d/90test'), 'w') as f: f.write('\n'.join(proxies) + '\n')
        must(self.run('apt-get', 'update', '-q'), 'apt-get update')

    def packages(self, *versions):
        """Our package in each version, as apt in the root names it."""
        for version in versions:
            got = sh(SOURCE + '/package.sh', '--build', os.path.abspath(self.args.build), '--version', version, '--out', self.path('/tmp'))
            if got.returncode != 0: raise AssertionError('package.sh: ' + got.stdout[-2000:])
        return ['/tmp/' + n for n in sorted(os.listdir(self.path('/tmp'))) if n.endswith('.deb')]

    def download(self, *packages): must(self.run('apt-get', 'install', '-y', '-q', '--download-only', '--no-install-recommends', *packages), 'the download')
    def install(self, *packages): return self.run('apt-get', 'install', '-y', '--no-install-recommends', *packages)

    def name(self, name):
        must(sh('hostname', name), 'hostname')
        for file, text in (('hosts', '127.0.0.1 localhost\n127.0.1.1 %s %s\n' % (name, name.split('.')[0])), ('hostname', name + '\n')):
            with open(self.path('/etc/' + file), 'w') as f: f.write(text)

    def apart(self):
        """No network any more."""
        CLONE_NEWNET = 0x40000000
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0: raise Missing('no right to make a network namespace')
        must(sh('ip', 'link', 'set', 'lo', 'up'), 'ip')
        with open(self.path('/etc/resolv.conf'), 'w') as f: f.write('nameserver 127.0.0.1\n')

    def box(self, user='root'):
        path = self.path('/var/mail/' + user)
        return open(path, errors='replace').read() if os.path.exists(path) else ''

    def wait(self, fact, what, seconds=60):
        end = time.monotonic() + seconds
        while not fact():
            if time.monotonic() > end: expect(False, 'waited %d s for %s' % (seconds, what), self.run('hikyaku', 'queue', 'list').stdout); return
            time.sleep(0.1)

    def files(self):
        found = set()
        for folder, dirs, names in os.walk(self.root):
            dirs[:] = [d for d in dirs if not os.path.ismount(os.path.join(folder, d))]
            found.update(os.path.join(folder, n)[len(self.root):] for n in names + dirs)
        return found

    def finish(self):
        if self.args.keep: print('   kept: ' + self.root); return
        sh('umount', '-l', self.path('/proc'), self.path('/dev/pts'))
        with open('/proc/self/mounts') as f: mounted = self.scratch in f.read()
        if not mounted: shutil.rmtree(self.scratch, ignore_errors=True)   # never through a mount into this machine


def run_inside(what, script, test):
    """test(FreshRoot) in namespaces of its own; its verdict, or why it was skipped, is the exit code."""
    ap = argparse.ArgumentParser()
    ap.add_argument('--build', required=True); ap.add_argument('--base'); ap.add_argument('--keep', action='store_true'); ap.add_argument('--inside', action='store_true')
    args = ap.parse_args()
    if not args.inside:
        need_namespaces(what)
        if not args.base and not shutil.which('debootstrap'): skip(what, 'the program debootstrap is missing')
        got = subprocess.run(['unshare', '--mount', '--pid', '--uts', '--fork', '--kill-child', sys.executable, os.path.abspath(script), *sys.argv[1:], '--inside'])
        sys.exit(got.returncode)
    missing = ''; fresh = FreshRoot(args)
    try: test(fresh)
    except Missing as e: missing = str(e)
    except (AssertionError, OSError, ValueError, subprocess.SubprocessError) as e: expect(False, 'the test came to its end', repr(e))
    finally: fresh.finish()
    if missing and not failed: skip(what, missing)
    verdict(what)
