#!/usr/bin/env python3
"""What `hikyaku makecf` tells the operator, line by line: messages.py BINDIR LIBRARY. Each case is a .mc file, the exit code, and what
some messages begin with or contain."""
import os, sys, tempfile

import common

PLAIN = "OSTYPE(linux)\n%s\nMAILER(local)\nMAILER(smtp)\n"
CASES = [
    ("a plain file", PLAIN % "FEATURE(`use_cw_file')", 0, []),
    ("a misspelt feature", PLAIN % "FEATURE(`nocannonify')", 65, ["t.mc:2: error: unknown FEATURE nocannonify (did you mean nocanonify?)"]),
    ("a misspelt mailer", "OSTYPE(linux)\nMAILER(smpt)\n", 65, ["t.mc:2: error: unknown MAILER smpt (did you mean smtp?)"]),
    ("a misspelt system", "OSTYPE(freebsd66)\n", 65, ["t.mc:1: error: unknown OSTYPE freebsd66 (did you mean freebsd6?)"]),
    ("a misspelt configuration name", PLAIN % "define(`confLOG_LEVL', `9')", 65,
     ["t.mc:2: error: unknown configuration name confLOG_LEVL (did you mean confLOG_LEVEL?)"]),
    ("a misspelt word", PLAIN % "MASQERADE_AS(`example.com')", 65, ["t.mc:2: error: unknown word MASQERADE_AS (did you mean MASQUERADE_AS?)"]),
    ("every fault is told, not the first", PLAIN % "FEATURE(`nosuchthing')\n\nFEATURE(`nosuchthing')", 65,
     ["t.mc:2: error: unknown FEATURE", "t.mc:4: error: unknown FEATURE"]),
    ("nouucp without an argument", PLAIN % "FEATURE(nouucp)", 0, ["t.mc:2: warning: FEATURE(nouucp) without an argument"]),
    ("nopercenthack without an argument", PLAIN % "FEATURE(nopercenthack)", 0, ["t.mc:2: warning: FEATURE(nopercenthack) without an argument"]),
    ("the old name of a feature", PLAIN % "FEATURE(access_db)\nFEATURE(blacklist_recipients)", 0, ["t.mc:3: warning: FEATURE(blacklist_recipients) is the old name"]),
    ("a feature after a mailer", "OSTYPE(linux)\nMAILER(local)\nFEATURE(redirect)\n", 0, ["t.mc:3: warning: FEATURE(redirect) after MAILER"]),
    ("the system after a mailer", "MAILER(local)\nOSTYPE(linux)\n", 0, ["t.mc:2: warning: OSTYPE(linux) after MAILER"]),
    ("no system", "MAILER(local)\n", 0, ["t.mc:1: warning: no OSTYPE"]),
    ("smtp after uucp", "OSTYPE(linux)\nMAILER(uucp)\nMAILER(smtp)\n", 0, ["t.mc:3: warning: MAILER(smtp) after MAILER(uucp)"]),
    ("a feature without what it needs", PLAIN % "FEATURE(blocklist_recipients)", 0,
     ["t.mc:2: warning: FEATURE(blocklist_recipients) does nothing without FEATURE(access_db)"]),
    ("what it needs may stand behind it", PLAIN % "FEATURE(blocklist_recipients)\nFEATURE(access_db)", 0, []),
    ("nodns", PLAIN % "FEATURE(nodns)", 0, ["t.mc:2: warning: FEATURE(nodns) is an old form"]),
    ("divert and dnl", "divert(-1)\nFEATURE is a word here\ndivert(0)dnl\nOSTYPE(linux)dnl\nMAILER(local)\n", 0, []),
]


def main():
    bindir, library = sys.argv[1:3]
    common.need_m4()
    check = common.Checks()
    with tempfile.TemporaryDirectory() as folder:
        for what, text, code, wanted in CASES:
            with open(folder + "/t.mc", "w") as out:
                out.write(text)
            got, cf, said = common.makecf(bindir, library, folder + "/t.mc")
            check.equal(what + ": exit code", code, got)
            check.equal(what + ": a file comes out only where there is no fault", code == 0, bool(cf))
            check.equal(what + ": as many messages", len(wanted), len(said))
            for begin, line in zip(wanted, said):
                check.true("%s: %r begins with %r" % (what, line, begin), line.startswith(begin))
    check.end()


if __name__ == "__main__":
    main()
