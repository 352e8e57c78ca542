#!/usr/bin/env python3
"""Replay the SMTP dialogues (smtp-*.jsonl) and command line cases (cli-*.jsonl) against a sendmail-compatible program.

  SENDMAIL=/path [MAKEMAP=/path] [ROOT=/chroot] [COMPARE=codes|full] replay_live.py FOLDER smtp|cli [CONFIG-or-FAMILY...]

Needs root; like replay.py it works in namespaces of its own.  codes (default) compares reply codes and enhanced codes, exit codes, and
where the mail went (recorder command lines, envelopes at the sink servers); full compares every byte after dates, queue ids, pids and
challenges are replaced by <...>, and of what waits in the queue sender, recipients and quarantine.  DIFFERENCES=file: records that are
known to differ in full (they must, and their codes must not).  FAILED=file: all differences as JSON.  The recorder scripts are written over the local delivery programs inside ROOT, so use a ROOT, or a throw-away machine.
Prints the first differences and, last, "N passed, M failed"."""
import sys, os, json, re, glob, collections, time
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import world
from replay import records
def code(l):
    m = re.match(r"(\d{3})([ -])(\d\.\d+\.\d+)?", l); return (m[1] + " " + (m[3] or "")) if m else l
def env(s): return (s["to"], [c.upper().split(" SIZE=")[0] for c in s["commands"] if c[:4].upper() in ("MAIL", "RCPT")])
def where(r): return {"local": sorted(x.split("\n")[0] for x in r.get("local", [])), "sent": sorted(env(s) for s in r.get("sent", [])), "queue": len(r.get("queue", []))}
def waiting(entry):
    """What waits, of a qf file or of a line of `hikyaku queue list --json`: how a queue is kept is each program's own affair."""
    bare = lambda a: a.strip("<>")
    if entry.startswith("{"):
        j = json.loads(entry)
        return {"sender": bare(j["given_as"]), "rcpts": sorted(bare(r["address"]) for r in j["rcpts"] if r["state"] == "pending"), "quarantine": j.get("quarantine", ""), "group": j.get("queue_group", "")}
    f = [(l[0], l[1:]) for l in entry.split("\n") if l]; one = lambda c: next((v for k, v in f if k == c), "")
    return {"sender": bare(one("S")), "rcpts": sorted(v.split(":", 1)[1].strip("<>") for k, v in f if k == "R"), "quarantine": one("q"), "group": one("%")}
def by_form(r): return dict(r, queue=sorted((waiting(q) for q in r["queue"]), key=json.dumps)) if r.get("queue") else r
def in_one_order(r):
    """what each connection of a queue run carried, in one order: in which of it the messages come to a connection is each program's own affair"""
    def sort(s):
        data = iter(s["data"]); each = []; others = []
        for c in s["commands"]:
            if c[:4].upper() == "MAIL": each.append(([], []))
            if not each or c in ("RSET", "QUIT", "(closed)"): others.append(c)
            else: each[-1][0].append(c)
            if each and c == "DATA": each[-1][1].append(next(data, None))
        each.sort(key=json.dumps)
        return dict(s, commands=others + [c for m in each for c in m[0]], data=[d for m in each for d in m[1]])
    return dict(r, sent=sorted(map(sort, r["sent"]), key=json.dumps)) if r.get("sent") else r
def of_their_day(got, want, resized):
    """the records were made on days of two digits: a MAIL that stands there with the size of such a day has it here, too"""
    w = json.dumps(want); words = lambda mail: json.dumps(mail)[1:-1]
    for old, new in resized.items():
        if words(old) not in w and words(new) in w: got = json.loads(json.dumps(got).replace(words(old), words(new)))
    return got
def expected(path):
    """records that differ in COMPARE=full, for a reason that doc/differences.md gives: `KIND CF FAMILY NAME`, '#' comments"""
    return {l.strip() for l in open(path) if l.strip() and l[0] != "#"} if path else set()
def main():
    world.enter(); folder, kind = sys.argv[1:3]; want = sys.argv[3:]; full = os.environ.get("COMPARE") == "full"; known = expected(full and os.environ.get("DIFFERENCES")); show = int(os.environ.get("SHOW", "10"))
    world.setup(peer=True); import live as L
    L.recorders(); sink = L.Sink(); sink.start(); ok = bad = 0; failed = []
    cs = [json.loads(l) for f in sorted(glob.glob("%s/%s-*.jsonl*" % (folder, kind))) for l in records(f)]
    if want: cs = [c for c in cs if c["cf"] in want or c["family"] in want or "%(cf)s %(family)s %(name)s" % c in want]
    cs.sort(key=lambda c: (c["cf"], c.get("daemon", False), c.get("options") or [], c["family"] != "rate")); cur = None; d = None
    def check(c, w, g, codes):
        nonlocal ok, bad; g = of_their_day(g, w, sink.resized)
        name = kind + " %(cf)s %(family)s %(name)s" % c
        if name in known and w == g: print("passes, but is listed as a difference: " + name)
        if (w == g) != (name in known) and codes: ok += 1
        else:
            bad += 1; failed.append({"cf": c["cf"], "family": c["family"], "name": c["name"], "want": w, "got": g})
            if bad <= show: print("--- %s %s %s\nwant: %s\ngot:  %s" % (c["cf"], c["family"], c["name"], json.dumps(w)[:1800], json.dumps(g)[:1800]))
    for c in cs:
        key = (c["cf"], c.get("daemon", kind == "smtp"), c.get("options"))
        if key != cur:
            if d: d.stop(); d = None
            cur = key; world.install(c["cf"])
            if c["cf"] == "sasl": L.sasl_setup()
            if key[1]: d = L.Daemon(c.get("options", ["-ODeliveryMode=i"]))
        L.local_deliveries(); sink.take(); sink.resized.clear(); L.clear_queue()
        if kind == "smtp":
            tr = L.dialogue(c["client"], c["steps"], c.get("greet", True), c.get("end", True)); L.settle(sink); r = L.results(sink, True)
            w = {k: c.get(k) for k in ("local", "sent", "queue") if c.get(k)}
            exp = dict(where(w), codes=[[code(x) for x in t["s"]] for t in c["dialogue"]]); got = dict(where(r), codes=[[code(x) for x in t["s"]] for t in tr])
            if full: check(c, by_form(dict(w, dialogue=c["dialogue"])), by_form(dict(r, dialogue=tr)), exp == got)
            else: check(c, exp, got, True)
        else:
            got = []; exp = []; codes = True
            for st in c["steps"]:
                r = L.cli_step(st, sink, 2 if st["args"] == ["-v", "-q1"] or c["name"] == "bd-busy" else 15, 6 if c["name"] == "bd-busy" else 25)
                w = {k: st[k] for k in ("rc", "out", "err", "local", "sent", "queue") if k in st}
                if any(a.startswith("-q") for a in st["args"]): r, w = in_one_order(r), in_one_order(w)
                g, x = dict(where(r), rc=r["rc"]), dict(where(w), rc=w["rc"])
                if full: codes = codes and g == x; g, x = by_form(r), by_form(w)
                got.append(g); exp.append(x)
            if not d: L.end_queue_runner()
            f = world.path("/home/eric/.forward")
            if os.path.exists(f): os.unlink(f)
            if any("files" in s for s in c["steps"]): world.install(c["cf"])
            check(c, exp, got, codes)
    if d: d.stop()
    if os.environ.get("FAILED"): json.dump(failed, open(os.environ["FAILED"], "w"))
    print("%d passed, %d failed" % (ok, bad)); sys.exit(1 if bad else 0)
if __name__ == "__main__": main()
