#!/usr/bin/env python3
"""The three .mc texts of the FreeBSD Handbook's mail chapter, exactly as printed, made and asked: handbook.py BINDIR LIBRARY."""
import os, shutil, sys, tempfile

import common

MAILERTABLE = """#
# makemap hash /etc/mail/mailertable.db < /etc/mail/mailertable
.                             uucp-dom:your.uucp.relay
"""


def final(compare, *lines):
    return compare.ask("/etc/mail/sendmail.cf", [{"mode": "3,0", "in": list(lines)}])[0]


def options(cf):
    return dict(line[2:].split("=", 1) for line in cf.decode().split("\n") if line.startswith("O ") and "=" in line)


def lay(compare, config, cf, extra=None):
    golden = compare.world.HERE + "/cf/" + config
    folder = tempfile.mkdtemp(prefix="hkyhandbook.")
    shutil.copytree(golden, folder + "/" + config)
    for name, text in dict(extra or {}, **{"sendmail.cf": cf}).items():
        with open("%s/%s/%s" % (folder, config, name), "wb") as out:
            out.write(text if isinstance(text, bytes) else text.encode())
    compare.world.install(config, folder)
    shutil.rmtree(folder)


def uucp(check, compare, bindir, library):
    code, cf, said = common.makecf(bindir, library, compare.world.HERE + "/cf/uucp/uucp.mc")
    check.equal("uucp: made without a word", (0, []), (code, said))
    lay(compare, "uucp", cf, {"mailertable": MAILERTABLE})
    check.equal("uucp: the Handbook's own question", {"mailer": "uucp-dom", "host": "your.uucp.relay".replace(".", " . "), "user": "foo < @ example . com . >"},
                final(compare, "3,0 foo@example.com"))
    check.equal("uucp: a UUCP name goes to the relay too", "uucp-dom", final(compare, "3,0 foo@if-bus.UUCP").get("mailer"))
    check.equal("uucp: what is ours stays here", {"mailer": "local", "host": "", "user": "joe"}, final(compare, "3,0 joe@your.alias.host.name"))
    check.true("uucp: the interfaces are not asked", options(cf).get("DontProbeInterfaces", "").lower() in ("", "true"))
    check.true("uucp: the size is told to the mailer", b"M=200000" in cf)


def dialup(check, compare, bindir, library):
    code, cf, said = common.makecf(bindir, library, compare.world.HERE + "/cf/dialup0/dialup0.mc")
    check.equal("dial-up: made", 0, code)
    warned = [line.split(": ")[0] + ": " + line.split(": ")[1] for line in said]
    check.true("dial-up: the old form of nouucp is named with its line", "dialup0.mc:3: warning" in warned)
    check.true("dial-up: FEATURE after MAILER is named with its line", "dialup0.mc:9: warning" in warned)
    check.true("dial-up: nodns is named with today's form", any("nodns" in line and "service switch" in line for line in said))
    lay(compare, "dialup0", cf)
    check.equal("dial-up: all mail goes to the provider's relay", {"mailer": "relay", "host": "relay . example . net", "user": "foo < @ two . example . >"},
                final(compare, "3,0 foo@two.example"))
    check.equal("dial-up: the sender is user@example.net", {"value": "user @ example . net"}, final(compare, "/tryflags HS", "/try relay user@bsd.home"))
    check.equal("dial-up: in the envelope too", {"value": "user @ example . net"}, final(compare, "/tryflags ES", "/try relay user"))
    check.equal("dial-up: recipients too (allmasquerade)", {"value": "joe @ example . net"}, final(compare, "/tryflags HR", "/try relay joe"))
    check.equal("dial-up: the user's own mail stays", {"mailer": "local", "host": "", "user": "user"}, final(compare, "3,0 user@bsd.home"))
    check.equal("dial-up: mail waits for the connection", "deferred", options(cf).get("DeliveryMode"))


def sasl(check, compare, bindir, library):
    code, cf, _ = common.makecf(bindir, library, compare.world.HERE + "/cf/sasl/sasl.mc")
    check.equal("SASL: made", 0, code)
    check.equal("SASL: mechanisms", "GSSAPI DIGEST-MD5 CRAM-MD5 LOGIN", options(cf).get("AuthMechanisms"))
    check.equal("SASL: the client's secrets", "/etc/mail/auth-info", options(cf).get("DefaultAuthInfo"))
    lay(compare, "sasl", cf)
    stranger = [".D{client_addr}198.51.100.13", ".D{client_name}plain.example", ".D{client_resolve}OK", ".Dfjoe@mail.example.com"]
    check.equal("SASL: a stranger may not relay", "error", final(compare, *stranger, "check_rcpt <x@two.example>").get("mailer"))
    check.equal("SASL: who has authenticated may", {"mailer": "RELAY", "host": "", "user": ""},
                final(compare, *stranger, ".D{auth_type}CRAM-MD5", "check_rcpt <x@two.example>"))
    check.equal("SASL: not by another mechanism", "error", final(compare, *stranger, ".D{auth_type}PLAIN", "check_rcpt <x@two.example>").get("mailer"))


def main():
    bindir, library = sys.argv[1:3]
    common.need_world(bindir)
    import compare
    compare.world.enter()
    compare.world.setup()
    check = common.Checks()
    for part in (uucp, dialup, sasl):
        part(check, compare, bindir, library)
    check.end()


if __name__ == "__main__":
    main()
