#!/usr/bin/env python3
"""Golden answers from a .cf that our macro library made: golden_made.py BINDIR LIBRARY CONFIG.
The configuration's .mc file goes through `hikyaku makecf`; every golden case of the modes 3,0 /parse /try check_mail check_rcpt check_relay
must end in the same mailer, host and user (or value). Exit codes: 0 all, 1 not all, 77 cannot be run here."""
import json, os, shutil, sys, tempfile

import common

MODES = ("3,0", "/parse", "/try", "check_mail", "check_rcpt", "check_relay")


def cases_of(replay, config):
    """the cases, and how many are left out: an address byte that the answer shows as $&{name} is read as a macro's number, and those
    are given in the order in which a .cf names its macros, so two .cf files that mean the same show different names there"""
    cases, left_out = [], 0
    for line in replay.records(replay.os.path.join(replay.world.HERE, "open", "bt-%s.jsonl.xz" % config)):
        case = json.loads(line)
        if case["mode"] not in MODES:
            continue
        if "$&{" in case["out"]:
            left_out += 1
        else:
            cases.append(case)
    return cases, left_out


def main():
    bindir, library, config = sys.argv[1:4]
    common.need_world(bindir)
    import compare
    replay, world = compare.replay, compare.world
    world.enter()
    world.setup()
    source = "%s/cf/%s" % (world.HERE, config)
    code, cf, said = common.makecf(bindir, library, "%s/%s.mc" % (source, config))
    print("\n".join(said))
    if code != 0:
        print("FAILED: hikyaku makecf ended with %d" % code)
        sys.exit(1)
    folder = tempfile.mkdtemp(prefix="hkymade.")
    shutil.copytree(source, folder + "/" + config)
    with open("%s/%s/sendmail.cf" % (folder, config), "wb") as out:
        out.write(cf)
    world.install(config, folder)
    shutil.rmtree(folder)
    cases, left_out = cases_of(replay, config)
    wrong = 0
    for case, got in zip(cases, compare.ask("/etc/mail/sendmail.cf", cases)):
        want = replay.final(case["out"])
        if want != got:
            wrong += 1
            print("--- %s\nwant: %s\ngot:  %s" % (case["in"], want, got))
    print("%d passed, %d failed, %d left out (bytes that stand for macros)" % (len(cases) - wrong, wrong, left_out))
    sys.exit(1 if wrong or not cases else 0)


if __name__ == "__main__":
    main()
