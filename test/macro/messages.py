#!/usr/bin/env python3
"""What `hikyaku makecf` tells the operator, line by line: messages.py BINDIR LIBRARY. Each case is a .mc file, the exit code, and what
some messages begin with or contain."""
import os, sys, tempfile

import common

# a site's own parts, beside its .mc file
PARTS = {"domain/our-site.m4": "MASQUERADE_AS(`our.example')\nFEATURE(`nosuchfeature')\n", "siteconfig/neighbours.m4": "SITE(`sgi olympus')\nSITE(`cnmat')\n"}
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
    ("names of earlier releases", PLAIN % "define(`confREAD_TIMEOUT', `1h')\ndefine(`confDEF_GROUP_ID', `1')\ndefine(`confAUTO_REBUILD', `True')", 0,
     ["t.mc:2: warning: confREAD_TIMEOUT is a name of earlier releases: without effect", "t.mc:3: warning: confDEF_GROUP_ID", "t.mc:4: warning: confAUTO_REBUILD"]),
    ("a feature after a mailer", "OSTYPE(linux)\nMAILER(local)\nFEATURE(redirect)\n", 0, ["t.mc:3: warning: FEATURE(redirect) after MAILER"]),
    ("the system after a mailer", "MAILER(local)\nOSTYPE(linux)\n", 0, ["t.mc:2: warning: OSTYPE(linux) after MAILER"]),
    ("no system", "MAILER(local)\n", 0, ["t.mc:1: warning: no OSTYPE"]),
    ("smtp after uucp", "OSTYPE(linux)\nMAILER(uucp)\nMAILER(smtp)\n", 0, ["t.mc:3: warning: MAILER(smtp) after MAILER(uucp)"]),
    ("a feature without what it needs", PLAIN % "FEATURE(blocklist_recipients)", 0,
     ["t.mc:2: warning: FEATURE(blocklist_recipients) does nothing without FEATURE(access_db)"]),
    ("what it needs may stand behind it", PLAIN % "FEATURE(blocklist_recipients)\nFEATURE(access_db)", 0, []),
    ("nodns", PLAIN % "FEATURE(nodns)", 0, ["t.mc:2: warning: FEATURE(nodns) is an old form"]),
    ("tls_failures", PLAIN % "FEATURE(tls_failures)", 0, ["t.mc:2: warning: FEATURE(tls_failures) is an old form"]),
    ("prefixmod without its arguments", PLAIN % "FEATURE(prefixmod)", 65, ["t.mc:2: error: FEATURE(prefixmod) needs a prefix", "t.mc:2: error: FEATURE(prefixmod) needs flags"]),
    ("ssh as nobody", "OSTYPE(linux)\nMAILER(smtp)\nMAILER(ssh)\ndefine(`SSH_MAILER_DIR', `/')\n", 65, ["t.mc:3: error: MAILER(ssh) needs define(`SSH_MAILER_USER'"]),
    ("a part of the site's own, with a fault in it", PLAIN % "DOMAIN(`our-site')", 65, ["domain/our-site.m4:2: error: unknown FEATURE nosuchfeature"]),
    ("UUCP neighbours of the site's own", PLAIN % "SITECONFIG(`neighbours', `gate.example', `W')\nSITECONFIG(`neighbours', `here', `U')", 0, []),
    ("unknown UUCP neighbours", PLAIN % "SITECONFIG(`neighbors', `gate.example', `W')", 65, ["t.mc:2: error: unknown SITECONFIG neighbors"]),
    ("divert and dnl", "divert(-1)\nFEATURE is a word here\ndivert(0)dnl\nOSTYPE(linux)dnl\nMAILER(local)\n", 0, []),
    ("a file that reads sendmail's macros first", "include(`/usr/share/sendmail-cf/m4/cf.m4')dnl\n" + PLAIN % "", 0,
     ["t.mc:1: warning: include(/usr/share/sendmail-cf/m4/cf.m4) left out"]),
    ("a file as FreeBSD has it", """divert(-1)
#
# All rights reserved; FEATURE and MAILER are words here, and so is include.
#
divert(0)
VERSIONID(`$FreeBSD$')
OSTYPE(freebsd6)
DOMAIN(generic)

FEATURE(access_db, `hash -o -T<TMPF> /etc/mail/access')
FEATURE(blocklist_recipients)
FEATURE(local_lmtp)
FEATURE(mailertable, `hash -o /etc/mail/mailertable')
FEATURE(virtusertable, `hash -o /etc/mail/virtusertable')

dnl FEATURE(relay_based_on_MX)
dnl define(`SMART_HOST', `your.isp.mail.server')
define(`confCW_FILE', `-o /etc/mail/local-host-names')
define(`CERT_DIR', `/etc/mail/certs')dnl
define(`confSERVER_CERT', `CERT_DIR/host.cert')dnl
DAEMON_OPTIONS(`Name=IPv4, Family=inet')
DAEMON_OPTIONS(`Name=IPv6, Family=inet6, Modifiers=O')
define(`confBIND_OPTS', `WorkAroundBrokenAAAA')
define(`confNO_RCPT_ACTION', `add-to-undisclosed')
define(`confPRIVACY_FLAGS', `authwarnings,noexpn,novrfy')
MAILER(local)
MAILER(smtp)
""", 0, []),
    ("a file as Debian has it", """divert(-1)dnl
#-- and a comment with define(`x') in it
divert(0)dnl
define(`_USE_ETC_MAIL_')dnl
VERSIONID(`$Id: sendmail.mc, v 8.17 $')
OSTYPE(`debian')dnl
DOMAIN(`debian-mta')dnl
undefine(`confHOST_STATUS_DIRECTORY')dnl
FEATURE(`no_default_msa')dnl
DAEMON_OPTIONS(`Family=inet,  Name=MTA-v4, Port=smtp, Addr=127.0.0.1')dnl
define(`confPRIVACY_FLAGS',dnl
`needmailhelo,needexpnhelo,needvrfyhelo,restrictqrun,restrictexpand,nobodyreturn,authwarnings')dnl
define(`confCONNECTION_RATE_THROTTLE', `15')dnl
FEATURE(`use_cw_file')dnl
FEATURE(`access_db', , `skip')dnl
FEATURE(`always_add_domain')dnl
FEATURE(`conncontrol', `nodelay', `terminate')dnl
LOCAL_CONFIG
MAILER_DEFINITIONS
MAILER(`local')dnl
MAILER(`smtp')dnl
""", 0, []),
]


def main():
    bindir, library = sys.argv[1:3]
    common.need_m4()
    check = common.Checks()
    with tempfile.TemporaryDirectory() as folder:
        for what, text, code, wanted in CASES:
            with open(folder + "/t.mc", "w") as out:
                out.write(text)
            for name, part in PARTS.items():
                os.makedirs(os.path.dirname(folder + "/" + name), exist_ok=True)
                with open(folder + "/" + name, "w") as out:
                    out.write(part)
            got, cf, said = common.makecf(bindir, library, folder + "/t.mc")
            check.equal(what + ": exit code", code, got)
            check.equal(what + ": a file comes out only where there is no fault", code == 0, bool(cf))
            check.equal(what + ": as many messages", len(wanted), len(said))
            for begin, line in zip(wanted, said):
                check.true("%s: %r begins with %r" % (what, line, begin), line.startswith(begin))
    check.end()


if __name__ == "__main__":
    main()
