#!/usr/bin/env python3
"""Replay the address test (-bt) and alias verify (-bv) cases against a sendmail-compatible program.

  SENDMAIL=/path/to/sendmail [MAKEMAP=/path/to/makemap] [ROOT=/chroot] [COMPARE=full|final] replay.py FOLDER [CONFIG...]

FOLDER is open (or any folder with bt-*.jsonl[.xz] / bv-*.jsonl[.xz]).  Needs root (it makes its own network, mount, host name and
process namespaces; nothing outside is changed), util-linux, iproute2 and Python 3.  Prints the first differences and, last,
"N passed, M failed".  COMPARE=final compares only the final mailer/host/user (or final value); full compares the whole trace.
SHOW=n: how many differences to print (10).  MODES=3,0:/parse limits the modes."""
import sys, os, json, re, subprocess, glob, collections, lzma
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import world
MARK = "@@GOLDEN@@"
def raw(s): return s.encode("utf-8", "surrogateescape")
def text(b): return b.decode("utf-8", "surrogateescape")
def records(path):
    """lines of a record file, compressed or not"""
    return lzma.open(path, "rt", encoding="utf-8", errors="surrogateescape") if path.endswith(".xz") else open(path)
def one_bt(cases, timeout=60):
    inp = b".DX" + raw(MARK) + b"\n$X\n" + b"".join(b"".join(raw(l) + b"\n" for l in c["in"]) + b"$X\n" for c in cases)
    try:
        p = world.inroot([world.SENDMAIL, "-C/etc/mail/sendmail.cf", "-bt"], input=inp, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
        out = text(p.stdout)
    except subprocess.TimeoutExpired as e:
        out = text(e.stdout or b"")
    parts = re.split(r"(?:> )?" + MARK + "\n", out)
    return parts[1:-1] if len(parts) > 2 else []
def clean(s):
    """drop the prompts of the lines fed and trailing blanks"""
    if os.environ.get("VERSION"): s = s.replace(os.environ["VERSION"], "8.17.1.9")
    s = re.sub(r"^(> )+", "", s); s = re.sub(r"\n(> )+(?=\n|$)", "\n", s)
    return "\n".join(l.rstrip() for l in s.split("\n")).strip("\n")
def run_bt(cases, batch=60):
    res = []
    for i in range(0, len(cases), batch):
        part = cases[i:i + batch]; out = one_bt(part)
        if len(out) != len(part):          # a crash or a lost mark: one process a case
            out = [(one_bt([c], 20) or ["(no result)"])[0] for c in part]
        res += [clean(o) for o in out]
    return res
def run_bv(cases):
    res = []
    for c in cases:
        try:
            p = world.inroot([world.SENDMAIL, "-C/etc/mail/sendmail.cf"] + [raw(a) for a in c["args"]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30)
            res.append({"out": text(p.stdout).rstrip("\n"), "rc": p.returncode})
        except subprocess.TimeoutExpired: res.append({"out": "(timeout)", "rc": None})
    return res
def final(out):
    """mailer, host, user or error of an output"""
    m = re.findall(r"^mailer (.*?), host (.*?), user (.*)$", out, re.M)
    if m: return {"mailer": m[-1][0], "host": m[-1][1], "user": m[-1][2]}
    m = re.findall(r"^mailer ([^,\n]*), user (.*)$", out, re.M)
    if m: return {"mailer": m[-1][0], "host": "", "user": m[-1][1]}
    m = re.findall(r"^\S+ +returns: ?(.*)$", out, re.M)
    if m:
        v = m[-1]; q = re.match(r"\$# (\S+)(?: \$@ (.*?))?(?: \$: ?(.*))?$", v)
        if q: return {"mailer": q[1], "host": (q[2] or "").strip(), "user": (q[3] or "").strip()}
        return {"value": v}
    return {"value": out}
def norm(c, out):
    if c["mode"] == "class": return "\n".join(sorted(out.split("\n")))
    return out
def main():
    folder = sys.argv[1]; want = sys.argv[2:]; full = os.environ.get("COMPARE", "full") != "final"; modes = [m for m in os.environ.get("MODES", "").split(":") if m]
    show = int(os.environ.get("SHOW", "10"))
    world.enter(); world.setup()
    by = collections.defaultdict(list)
    for f in sorted(glob.glob(os.path.join(folder, "b[tv]-*.jsonl*"))):
        for line in records(f):
            c = json.loads(line)
            if (not want or c["cf"] in want) and (not modes or c["mode"] in modes): by[c["cf"]].append(c)
    ok = bad = 0; shown = 0; tally = collections.Counter()
    for cf in sorted(by):
        world.install(cf)
        bt = [c for c in by[cf] if "in" in c]; bv = [c for c in by[cf] if "args" in c]
        for c, got in list(zip(bt, run_bt(bt))) + list(zip(bv, run_bv(bv))):
            if "args" in c: good = got["out"] == c["out"] and got["rc"] == c["rc"]
            elif full: good = norm(c, got) == norm(c, c["out"])
            else: good = final(norm(c, got)) == final(norm(c, c["out"]))
            if good: ok += 1; tally[cf, c["mode"], "ok"] += 1
            else:
                bad += 1; tally[cf, c["mode"], "bad"] += 1
                if shown < show:
                    shown += 1; print("--- %s %s\nwant: %s\ngot:  %s" % (cf, c.get("in") or c.get("args"), c["out"][-1500:], (got if isinstance(got, str) else json.dumps(got))[-1500:]))
    if os.environ.get("TALLY"):
        for k in sorted(tally): print(*k, tally[k])
    print("%d passed, %d failed" % (ok, bad)); sys.exit(1 if bad else 0)
if __name__ == "__main__": main()
