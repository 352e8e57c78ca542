#!/usr/bin/env python3
"""Every name of the macro library: names.py BINDIR LIBRARY. Each FEATURE, MAILER, OSTYPE, DOMAIN and HACK goes into a .mc file of its own,
each configuration name is set; what comes out must be a .cf: every rule with two sides, nothing of the macro language left in it."""
import glob, os, re, sys, tempfile

import common

ARGUMENTS = {"nullclient": "`hub.example'", "nouucp": "`reject'", "nopercenthack": "`reject'", "dnsbl": "`list.example'", "enhdnsbl": "`list.example'",
             "msp": "`[127.0.0.1]'", "relay_mail_from": "`domain'", "delay_checks": "`friend'", "prefixmod": "`pre.', `n'", "rhsbl": "`list.example'",
             "domainmap": "`a-domain.example', `hash /etc/mail/its-users'"}
BEFORE = {"ssh": "define(`SSH_MAILER_USER', `uucp')define(`SSH_MAILER_DIR', `/')", "block_bad_helo": "FEATURE(`delay_checks')", "generics_entire_domain": "FEATURE(`genericstable')"}
QUIET = ("is the old name", "is an old form")
LEFT = re.compile(r"\b(ifdef|ifelse|define|undefine|divert|dnl|defn|include|incr|substr)\b\s*\(|(^|\W)_[A-Za-z_]+_\b|\bdnl\b|^\)|`'")


def faults(cf):
    """lines of a .cf that cannot be meant so"""
    found = []
    for number, line in enumerate(cf.split("\n"), 1):
        if line.startswith("#"):
            continue
        if line.startswith("R"):
            sides = [side for side in line[1:].split("\t") if side]
            if len(sides) < 2 or line.rstrip().endswith("$") or re.search(r"\$\s*$", line):
                found.append("%d: %s" % (number, line))
        if LEFT.search(line) or (re.match(r"[A-Z]{2,}_", line) and not line.startswith("R")):
            found.append("%d: %s" % (number, line))
    return found


def mc_of(word, name):
    argument = ", " + ARGUMENTS[name] if name in ARGUMENTS else ""
    if word == "OSTYPE":
        return "OSTYPE(`%s')\nMAILER(`local')\nMAILER(`smtp')\nMAILER(`uucp')\n" % name
    if word == "MAILER":
        return "OSTYPE(`linux')\n%s\nMAILER(`local')\nMAILER(`smtp')\nMAILER(`%s')\n" % (BEFORE.get(name, ""), name)
    if name == "nullclient":
        return "OSTYPE(`linux')\nFEATURE(`nullclient', `hub.example')\n"
    before = "FEATURE(`access_db')\n" + BEFORE.get(name, "") + "\n"
    return "OSTYPE(`linux')\n%s%s(`%s'%s)\nMAILER(`local')\nMAILER(`smtp')\n" % (before, word, name, argument)


def check_conf(check, bindir, library, folder):
    rows = re.findall(r"^_conf\(`(\w+)', `([\w.-]*)'", open(library + "/m4/conf-names.m4").read(), re.M)
    values = {name: "/x/%d" % n for n, (name, _) in enumerate(rows)}
    values.update(confTIME_ZONE="Asia/Tokyo")
    with open(folder + "/t.mc", "w") as out:
        out.write("OSTYPE(`linux')\n" + "".join("define(`%s', `%s')\n" % item for item in values.items()) + "MAILER(`local')\nMAILER(`smtp')\n")
    code, cf, said = common.makecf(bindir, library, folder + "/t.mc")
    check.equal("all configuration names: made", (0, []), (code, said))
    lines = cf.decode().split("\n")
    for name, option in rows:
        if option:
            check.true("%s sets %s" % (name, option), "O %s=%s" % (option, values[name]) in lines)


# Names of earlier releases: what is written in their place does the same.
OLD = {"define(`confMESSAGE_TIMEOUT', `5d/4h')": "define(`confTO_QUEUERETURN', `5d')define(`confTO_QUEUEWARN', `4h')",
       "define(`confMESSAGE_TIMEOUT', `5d')": "define(`confTO_QUEUERETURN', `5d')",
       "define(`confDAEMON_OPTIONS', `Port=25, Name=x')": "DAEMON_OPTIONS(`Port=25, Name=x')",
       "define(`confCLIENT_OPTIONS', `Family=inet')": "CLIENT_OPTIONS(`Family=inet')"}


def check_old(check, bindir, library, folder):
    for old, new in OLD.items():
        made = []
        for text in (old, new):
            with open(folder + "/t.mc", "w") as out:
                out.write("OSTYPE(`linux')\n%s\nMAILER(`local')\nMAILER(`smtp')\n" % text)
            made.append(common.makecf(bindir, library, folder + "/t.mc"))
        check.equal(old + ": one warning", (0, 1), (made[0][0], len(made[0][2])))
        check.equal("%s: as %s" % (old, new), made[1][1], made[0][1])


def main():
    bindir, library = sys.argv[1:3]
    common.need_m4()
    check = common.Checks()
    with tempfile.TemporaryDirectory() as folder:
        for word in ("FEATURE", "MAILER", "OSTYPE", "DOMAIN", "HACK"):
            for path in sorted(glob.glob("%s/%s/*.m4" % (library, word.lower()))):
                name = os.path.basename(path)[:-3]
                with open(folder + "/t.mc", "w") as out:
                    out.write(mc_of(word, name))
                code, cf, said = common.makecf(bindir, library, folder + "/t.mc")
                said = [line for line in said if not any(q in line for q in QUIET)]
                check.equal("%s(%s): made without a word" % (word, name), (0, []), (code, said))
                check.equal("%s(%s): a whole .cf" % (word, name), [], faults(cf.decode()))
        check_conf(check, bindir, library, folder)
        check_old(check, bindir, library, folder)
    check.end()


if __name__ == "__main__":
    main()
