#!/usr/bin/env python3
"""Replay the SMTP dialogues (smtp-*.jsonl) and command line cases (cli-*.jsonl) against a sendmail-compatible program.

  SENDMAIL=/path [MAKEMAP=/path] [ROOT=/chroot] [COMPARE=codes|full] replay_live.py FOLDER smtp|cli [CONFIG-or-FAMILY...]

Needs root; like replay.py it works in namespaces of its own.  codes (default) compares reply codes and enhanced codes, exit codes, and
where the mail went (recorder command lines, envelopes at the sink servers); full compares every byte after dates, queue ids, pids and
challenges are replaced by <...>.  The recorder scripts are written over the local delivery programs inside ROOT, so use a ROOT, or a throw-away machine.
Prints the first differences and, last, "N passed, M failed"."""
import sys, os, json, re, glob, collections, time
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import world
from replay import records
def code(l):
    m = re.match(r"(\d{3})([ -])(\d\.\d+\.\d+)?", l); return (m[1] + " " + (m[3] or "")) if m else l
def env(s): return (s["to"], [c.upper().split(" SIZE=")[0] for c in s["commands"] if c[:4].upper() in ("MAIL", "RCPT")])
def where(r): return {"local": sorted(x.split("\n")[0] for x in r.get("local", [])), "sent": sorted(env(s) for s in r.get("sent", [])), "queue": len(r.get("queue", []))}
def main():
    world.enter(); folder, kind = sys.argv[1:3]; want = sys.argv[3:]; full = os.environ.get("COMPARE") == "full"; show = int(os.environ.get("SHOW", "10"))
    world.setup(peer=True); import live as L
    L.recorders(); sink = L.Sink(); sink.start(); ok = bad = 0; failed = []
    cs = [json.loads(l) for f in sorted(glob.glob("%s/%s-*.jsonl*" % (folder, kind))) for l in records(f)]
    if want: cs = [c for c in cs if c["cf"] in want or c["family"] in want]
    cs.sort(key=lambda c: (c["cf"], c.get("daemon", False), c.get("options") or [], c["family"] != "rate")); cur = None; d = None
    def check(c, w, g):
        nonlocal ok, bad
        if w == g: ok += 1
        else:
            bad += 1; failed.append((c["cf"], c["family"], c["name"]))
            if bad <= show: print("--- %s %s %s\nwant: %s\ngot:  %s" % (c["cf"], c["family"], c["name"], json.dumps(w)[:1800], json.dumps(g)[:1800]))
    for c in cs:
        key = (c["cf"], c.get("daemon", kind == "smtp"), c.get("options"))
        if key != cur:
            if d: d.stop(); d = None
            cur = key; world.install(c["cf"])
            if c["cf"] == "sasl": L.sasl_setup()
            if key[1]: d = L.Daemon(c.get("options", ["-ODeliveryMode=i"]))
        L.local_deliveries(); sink.take(); L.clear_queue()
        if kind == "smtp":
            tr = L.dialogue(c["client"], c["steps"], c.get("greet", True), c.get("end", True)); L.settle(sink); r = L.results(sink, True)
            w = {k: c.get(k) for k in ("local", "sent", "queue") if c.get(k)}
            if full: check(c, dict(w, dialogue=c["dialogue"]), dict(r, dialogue=tr))
            else: check(c, dict(where(w), codes=[[code(x) for x in t["s"]] for t in c["dialogue"]]), dict(where(r), codes=[[code(x) for x in t["s"]] for t in tr]))
        else:
            got = []; exp = []
            for st in c["steps"]:
                r = L.cli_step(st, sink, 2 if st["args"] == ["-v", "-q1"] or c["name"] == "bd-busy" else 15, 6 if c["name"] == "bd-busy" else 25)
                w = {k: st[k] for k in ("rc", "out", "err", "local", "sent", "queue") if k in st}
                if full: got.append(r); exp.append(w)
                else: got.append(dict(where(r), rc=r["rc"])); exp.append(dict(where(w), rc=w["rc"]))
            f = world.path("/home/eric/.forward")
            if os.path.exists(f): os.unlink(f)
            if any("files" in s for s in c["steps"]): world.install(c["cf"])
            check(c, exp, got)
    if d: d.stop()
    if os.environ.get("FAILED"): json.dump(failed, open(os.environ["FAILED"], "w"))
    print("%d passed, %d failed" % (ok, bad)); sys.exit(1 if bad else 0)
if __name__ == "__main__": main()
