"""The fixed world in which cases run: private network, mount, host name and process namespaces, a DNS server, hosts,
users and one configuration's files laid in /etc/mail.  Nothing on the machine outside is changed.
Environment: SENDMAIL (the program, a path inside ROOT), MAKEMAP (default: makemap beside it, else `SENDMAIL` called as makemap),
ROOT (a root directory to chroot into, default /), CFDIR (where make-cf.sh put the configurations, default: cf beside this)."""
import os, re, sys, subprocess, shutil, ctypes, time, pwd, grp
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.environ.get("ROOT", "/").rstrip("/") or "/"
SENDMAIL = os.environ.get("SENDMAIL", "/usr/libexec/sendmail/sendmail")
MAKEMAP = os.environ.get("MAKEMAP", os.path.join(os.path.dirname(SENDMAIL), "makemap"))
HOSTS = {"dialup": "bsd.home", "dialup0": "bsd.home", "masq": "ws7.inside.example.com", "masq2": "node1.dept.example.org", "hub": "desk.corp.example",
         "hub2": "box.branch.example", "relayv": "relay.rd.example", "edge": "edge.port.example", "old": "old.yard.example", "campus": "mx.campus.example", "trade": "gate.trade.example", "groups": "post.groups.example"}
PEER = ["192.0.2.20", "192.0.2.21", "192.0.2.22", "192.0.2.23", "192.0.2.24", "192.0.2.25", "192.0.2.26", "192.0.2.27", "192.0.2.28", "192.0.2.29", "192.0.2.30", "192.0.2.31", "192.0.2.32", "192.0.2.33", "192.0.2.34", "192.0.2.35", "192.0.2.36", "192.0.2.37",
        "128.32.1.1", "128.33.7.5", "128.33.7.9", "128.34.0.1", "128.35.1.1", "128.36.0.1", "128.40.0.1", "128.41.0.1",
        "198.51.100.7", "198.51.100.8", "198.51.100.9", "198.51.100.10", "198.51.100.11", "198.51.100.12", "198.51.100.13",
        "198.51.100.66", "198.51.100.67", "198.51.100.68", "198.51.100.69", "203.0.113.66", "203.0.113.5", "10.1.2.3"]
USERS = ["joe", "eric", "paul", "localuser", "user", "alice", "bob", "carol", "dave"]
MAPS = ["access", "mailertable", "virtusertable", "genericstable", "domaintable", "bitdomain", "uudomain"]
def enter():
    """re-execute this script inside fresh namespaces"""
    if os.environ.get("SMWORLD") == "1": return
    import tempfile
    d = tempfile.mkdtemp(prefix="smworld."); env = dict(os.environ, SMWORLD="1", SMTMP=d, TZ="UTC", LC_ALL="C", PYTHONDONTWRITEBYTECODE="1")
    rc = subprocess.call(["unshare", "--mount", "--net", "--uts", "--ipc", "--pid", "--fork", "--kill-child", sys.executable] + sys.argv, env=env)
    os.rmdir(d); sys.exit(rc)
def sh(*a, **k): return subprocess.run(a, check=True, **k)
def path(p): return p if ROOT == "/" else ROOT + p
def mount(*a): sh("mount", *a)
def enter_peer():
    """move the calling thread into the peer's network"""
    libc = ctypes.CDLL(None, use_errno=True); fd = os.open("/proc/%d/ns/net" % PEERPID, os.O_RDONLY)
    if libc.setns(fd, 0x40000000): raise OSError(ctypes.get_errno(), "setns")
    os.close(fd)
def setup(peer=False):
    mount("--make-rprivate", "/"); mount("-t", "proc", "proc", "/proc")
    sh("ip", "link", "set", "lo", "up")
    sh("ip", "addr", "add", "192.0.2.1/32", "dev", "lo")
    if peer:   # a second network namespace with the other hosts' addresses; enter_peer() moves a thread there
        global PEERPID
        p = subprocess.Popen(["unshare", "--net", "sleep", "36000"]); PEERPID = p.pid
        for _ in range(200):
            time.sleep(0.02)
            if os.readlink("/proc/self/ns/net") != os.readlink("/proc/%d/ns/net" % p.pid): break
        sh("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1"); sh("ip", "link", "set", "v1", "netns", str(p.pid))
        sh("ip", "link", "set", "v0", "up"); sh("ip", "route", "add", "default", "dev", "v0", "src", "192.0.2.1")
        n = ["nsenter", "-t", str(p.pid), "-n", "ip"]
        sh(*n, "link", "set", "lo", "up"); sh(*n, "link", "set", "v1", "up")
        for a in PEER:
            if not a.startswith("127."): sh(*n, "addr", "add", a + "/32", "dev", "v1")
        sh(*n, "route", "add", "192.0.2.1/32", "dev", "v1")
    # inside ROOT there is no /proc on purpose: without it the load average reads as 0 for the reference
    t = os.environ["SMTMP"]; mount("-t", "tmpfs", "tmpfs", t)
    shutil.copytree(path("/etc"), t + "/etc", symlinks=True, ignore_dangling_symlinks=True); mount("--bind", t + "/etc", path("/etc"))
    for d in ["/var/spool", "/var/mail", "/var/log", "/run", "/var/lib"]:
        if not os.path.isdir(path(d)): continue
        os.makedirs(t + d); mount("--bind", t + d, path(d))
    if ROOT != "/":
        for d, m in (("/root", 0o700), ("/tmp", 0o1777)):
            os.makedirs(t + "/x" + d); os.chmod(t + "/x" + d, m); mount("--bind", t + "/x" + d, ROOT + d)
        os.makedirs(ROOT + "/dev", exist_ok=True)
        mount("-t", "tmpfs", "tmpfs", ROOT + "/dev")
        for n, m in (("null", 3), ("zero", 5), ("random", 8), ("urandom", 9)):
            os.mknod(ROOT + "/dev/" + n, 0o20666, os.makedev(1, m)); os.chmod(ROOT + "/dev/" + n, 0o666)
    e = path("/etc")
    def put(n, s, mode=0o644):
        p = e + "/" + n
        if os.path.islink(p) or os.path.exists(p): os.unlink(p)
        open(p, "w").write(s); os.chmod(p, mode)
    put("resolv.conf", "domain example.com\nnameserver 127.0.0.1\noptions timeout:2 attempts:1\n")
    put("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\naliases: files\n")
    pw = "root:x:0:0:Super User:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nmail:x:8:8:mail:/var/mail:/usr/sbin/nologin\n" \
         "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\nsmmta:x:901:901::/var/lib:/usr/sbin/nologin\nsmmsp:x:902:902::/var/lib:/usr/sbin/nologin\n" \
         "sshd:x:903:65534::/run:/usr/sbin/nologin\nhikyaku:x:904:904::/var/lib:/usr/sbin/nologin\n"
    gr = "root:x:0:\ndaemon:x:1:\nmail:x:8:\nnogroup:x:65534:\nsmmta:x:901:\nsmmsp:x:902:\nhikyaku:x:904:\nusers:x:100:\n"
    os.makedirs(t + "/home"); os.makedirs(path("/home"), exist_ok=True); mount("--bind", t + "/home", path("/home"))
    for i, u in enumerate(USERS):
        pw += "%s:x:%d:100:%s User:/home/%s:/bin/sh\n" % (u, 2001 + i, u.capitalize(), u)
        os.makedirs(t + "/home/" + u); os.chown(t + "/home/" + u, 2001 + i, 100)
    put("passwd", pw); put("group", gr); put("shells", "/bin/sh\n/bin/bash\n")
    put("services", "smtp 25/tcp mail\ndomain 53/udp\ndomain 53/tcp\nauth 113/tcp\nsubmission 587/tcp\n")
    v = path("/var")
    for d, u, m in (("spool/mqueue", 0, 0o700), ("spool/clientmqueue", 902, 0o770), ("mail", 0, 0o1777), ("log", 0, 0o755)):
        os.makedirs(v + "/" + d, exist_ok=True); os.chown(v + "/" + d, u, u if u else 0); os.chmod(v + "/" + d, m)
    os.makedirs(path("/run") + "/sendmail/mta", exist_ok=True)
    import threading; sys.path.insert(0, HERE)
    import dnsd; dnsd.serve(HERE + "/zone.txt")
def inroot(argv, **k):
    """run a program inside ROOT"""
    if ROOT != "/": k["preexec_fn"] = k.pop("pre", None) or (lambda: (os.chroot(ROOT), os.chdir("/")))
    else: k["preexec_fn"] = k.pop("pre", None) or (lambda: os.chdir("/"))
    k.setdefault("env", {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": "UTC", "HOME": "/root", "LC_ALL": "C"})
    return subprocess.run(argv, **k)
def queue_directories():
    """where the installed sendmail.cf has messages wait: that of the queue and those of its groups"""
    found = ["/var/spool/mqueue"]; cf = path("/etc/mail/sendmail.cf")
    if os.path.exists(cf): found += re.findall(r"^Q\w+,.*?\bP\w*=([^,\s]+)", open(cf, encoding="latin-1").read(), re.M)
    return sorted(set(found))
def install(conf, cfdir=None):
    """lay one configuration into /etc/mail and build its maps and aliases"""
    cfdir = cfdir or os.environ.get("CFDIR") or HERE + "/cf"
    em = path("/etc/mail"); src = cfdir + "/" + conf
    if os.path.isdir(em): shutil.rmtree(em)
    os.makedirs(em); os.chmod(em, 0o755)
    for f in os.listdir(src):
        if f.endswith(".mc") or f.endswith("err"): continue
        shutil.copy(src + "/" + f, em + "/" + f); os.chmod(em + "/" + f, 0o640 if f == "auth-info" else 0o644)
    for d in queue_directories():   # those of the queue groups
        os.makedirs(path(d), mode=0o700, exist_ok=True)
    open(em + "/service.switch", "w").write("hosts\tfiles dns\naliases\tfiles\npasswd\tfiles\n")
    host = HOSTS.get(conf, "mail.example.com")
    libc = ctypes.CDLL(None); libc.sethostname(host.encode(), len(host))
    open(path("/etc/hosts"), "w").write("127.0.0.1 localhost\n192.0.2.1 %s %s\n" % (host, host.split(".")[0]))
    open(path("/etc/hostname"), "w").write(host + "\n")
    out = ""
    for m in MAPS:
        if os.path.exists(em + "/" + m):
            p = inroot([MAKEMAP, "hash", "/etc/mail/" + m], stdin=open(em + "/" + m), capture_output=True); out += (p.stdout + p.stderr).decode()
    if os.path.exists(em + "/userdb"):
        p = inroot([MAKEMAP, "-d", "btree", "/etc/mail/userdb"], stdin=open(em + "/userdb"), capture_output=True); out += (p.stdout + p.stderr).decode()
    p = inroot([SENDMAIL, "-C/etc/mail/sendmail.cf", "-bi"], capture_output=True, stdin=subprocess.DEVNULL); out += (p.stdout + p.stderr).decode()
    return out
