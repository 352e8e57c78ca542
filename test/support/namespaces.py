"""What a test that builds a world of its own needs of this machine. Where it is missing the test says why and ends with 77."""
import os, shutil, subprocess, sys


def skip(what, why):
    print('SKIPPED %s: %s' % (what, why))
    sys.exit(77)


def need_namespaces(what, tools=('unshare', 'ip', 'mount')):
    if os.geteuid() != 0: skip(what, 'it makes network, mount and process namespaces and so needs root')
    for tool in tools:
        if not shutil.which(tool): skip(what, 'the program %s is missing (util-linux, iproute2)' % tool)
    probe = subprocess.run(['unshare', '--mount', '--net', '--uts', '--ipc', '--pid', '--fork', 'mount', '--make-rprivate', '/'], capture_output=True, text=True)
    if probe.returncode != 0: skip(what, 'no right to make namespaces: ' + probe.stderr.strip())
