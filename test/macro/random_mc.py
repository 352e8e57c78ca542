#!/usr/bin/env python3
"""Random .mc files, the same for one seed: random_mc.py SENDMAIL LIBRARY THEIRS SEED COUNT [QUESTIONS].
Each is made into a .cf by our library and by sendmail's own macros (THEIRS: the folder with m4/cf.m4), and both are asked random
golden questions with -bt; what differs is printed. Exits with 1 if anything does, with 77 where something needed is missing."""
import os, random, shutil, subprocess, sys, tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

HOSTS = ["mail.example.com", "relay.rd.example", "box.branch.example"]
WRAPPERS = """LOCAL_RULESETS
STryRelay
R$*		$@ $>check_relay $&{client_name} $| $&{client_addr}
STryTls
R$*		$@ $>tls_client $&{verify} $| MAIL
"""


def some(rng, *lines):
    return [line for line in lines if rng.random() < 0.3]


def mailers(rng):
    lines = ["MAILER(`local')", "MAILER(`smtp')"]
    if rng.random() < 0.35:
        lines.append("MAILER(`uucp')")
    return lines + some(rng, "MAILER(`procmail')", "MAILER(`usenet')", "MAILER(`cyrusv2')", "MAILER(`pop')", "MAILER(`fax')",
                        "MAILER(`phquery')", "MAILER(`qpage')", "MAILER(`mail11')", "MAILER(`cyrus')")[:2]


def relays(rng):
    host = lambda: rng.choice(["relay.example.net", "esmtp:[gateway.example.com]", "smtp:hub.corp.example", "relay:hub.corp.example",
                               "local:joe"])
    lines = []
    for name, chance in (("SMART_HOST", 0.3), ("MAIL_HUB", 0.2), ("LOCAL_RELAY", 0.2), ("LUSER_RELAY", 0.2), ("UUCP_RELAY", 0.3),
                         ("BITNET_RELAY", 0.2), ("DECNET_RELAY", 0.15), ("FAX_RELAY", 0.15)):
        if rng.random() < chance:
            value = host()
            if name != "LUSER_RELAY" and value.startswith("local:"):
                value = "relay.example.net"
            lines.append("define(`%s', `%s')" % (name, value))
    return lines


def masquerading(rng):
    lines = []
    if rng.random() < 0.5:
        lines.append("MASQUERADE_AS(`%s')" % rng.choice(["example.com", "example.net", "corp.example"]))
    lines += some(rng, "MASQUERADE_DOMAIN(`inside.example.com lab.example.org')", "MASQUERADE_DOMAIN(`two.example')",
                  "MASQUERADE_EXCEPTION(`public.inside.example.com')", "EXPOSED_USER(`root postmaster')", "FEATURE(`masquerade_envelope')",
                  "FEATURE(`masquerade_entire_domain')", "FEATURE(`allmasquerade')", "FEATURE(`limited_masquerade')",
                  "FEATURE(`local_no_masquerade')", "FEATURE(`always_add_domain')", "FEATURE(`genericstable')",
                  "GENERICS_DOMAIN(`mail.example.com gen.example')", "FEATURE(`generics_entire_domain')")
    return lines


def tables(rng):
    return some(rng, "FEATURE(`mailertable')", "FEATURE(`virtusertable')", "VIRTUSER_DOMAIN(`virt9.example two.example')",
                "FEATURE(`virtuser_entire_domain')", "FEATURE(`domaintable')", "FEATURE(`uucpdomain')", "FEATURE(`bitdomain')",
                "FEATURE(`nocanonify'%s)" % rng.choice(["", ", `canonify_hosts'"]), "CANONIFY_DOMAIN(`example.com')", "FEATURE(`stickyhost')",
                "FEATURE(`redirect')", "FEATURE(`preserve_local_plus_detail')", "FEATURE(`preserve_luser_host')",
                "FEATURE(`nouucp', `%s')" % rng.choice(["reject", "nospecial"]), "FEATURE(`nopercenthack', `%s')" % rng.choice(["reject", "nospecial"]),
                "LOCAL_USER(`root operator')", "FEATURE(`bestmx_is_local'%s)" % rng.choice(["", ", `mxhere.example self.example'"]))


def checks(rng):
    lines = []
    if rng.random() < 0.7:
        lines.append("FEATURE(`access_db', `hash -o -T<TMPF> /etc/mail/access'%s)" % rng.choice(["", "", ", `skip'", ", `lookupdotdomain'", ", `relaytofulladdress'"]))
        lines += some(rng, "FEATURE(`blocklist_recipients')", "FEATURE(`relay_mail_from'%s)" % rng.choice(["", ", `domain'"]),
                      "FEATURE(`compat_check')", "FEATURE(`queuegroup')", "FEATURE(`tls_session_features')")
        if rng.random() < 0.3:
            lines.append("FEATURE(`delay_checks'%s)" % rng.choice(["", ", `friend'", ", `hater'"]))
            lines += some(rng, "FEATURE(`block_bad_helo')")
        lines += some(rng, "FEATURE(`ratecontrol')", "FEATURE(`conncontrol', `nodelay', `terminate')")
    lines += some(rng, "FEATURE(`dnsbl', `bl.test')", "FEATURE(`enhdnsbl', `ebl.test', `', `t', `127.0.0.3.')", "FEATURE(`require_rdns')",
                  "FEATURE(`greet_pause', `900')", "FEATURE(`relay_entire_domain')", "FEATURE(`relay_hosts_only')", "FEATURE(`relay_based_on_MX')",
                  "FEATURE(`relay_local_from')", "FEATURE(`loose_relay_check')", "FEATURE(`accept_unqualified_senders')",
                  "FEATURE(`accept_unresolvable_domains')", "TRUST_AUTH_MECH(`PLAIN CRAM-MD5')", "RELAY_DOMAIN(`relayed.example 10.9')",
                  "define(`confREJECT_MSG', `550 no, thank you')", "define(`confRELAY_MSG', `550 not through here')")
    if rng.random() < 0.07:
        lines.append("FEATURE(`promiscuous_relay')")
    return lines


def random_mc(rng):
    head = ["VERSIONID(`random')", "OSTYPE(`%s')" % rng.choice(["linux", "freebsd6", "bsd4.4", "solaris8"])]
    body = some(rng, "FEATURE(`use_cw_file')", "FEATURE(`use_ct_file')") + relays(rng) + masquerading(rng) + tables(rng) + checks(rng)
    return "\n".join(head + body + mailers(rng)) + "\n" + WRAPPERS


def questions(compare, rng, count):
    cases = compare.pool(rng.randrange(1 << 30), count)
    for case in compare.pool(rng.randrange(1 << 30), count // 3, ("check_mail",)):
        cases.append({"mode": "TryRelay", "in": case["in"][:-1] + ["TryRelay x"]})
        cases.append({"mode": "TryTls", "in": case["in"][:-1] + [".D{verify}" + rng.choice(["NONE", "OK", "NO", "SOFTWARE"]), "TryTls x"]})
    for line in ("localaddr joe", "localaddr nosuchuser", "localaddr root+box", "/tryflags ER | /try cyrusv2 joe+d@mail.example.com",
                 "/tryflags HS | /try procmail joe", "3,0 comp.mail.usenet", "3,0 foo@bar.FAX", "3,0 horus::joe", "3,0 foo@pop"):
        cases.append({"mode": "more", "in": line.split(" | ")})
    return cases


def main():
    sendmail, library, theirs, seed, count = sys.argv[1:4] + [int(x) for x in sys.argv[4:6]]
    per = int(sys.argv[6]) if len(sys.argv) > 6 else 40
    for wanted, why in ((shutil.which("m4"), "GNU m4 is missing"), (os.geteuid() == 0, "needs root, for namespaces"),
                        (os.path.exists(theirs + "m4/cf.m4"), "no sendmail macros in " + theirs)):
        if not wanted:
            print("SKIPPED random .mc files: " + why)
            sys.exit(77)
    os.environ.setdefault("SENDMAIL", sendmail)
    os.environ.setdefault("MAKEMAP", os.path.join(os.path.dirname(sendmail), "makemap"))
    os.environ.setdefault("ROOT", "/")
    import compare
    compare.world.enter()
    compare.world.setup()
    hikyaku = os.path.join(os.path.dirname(sendmail), "hikyaku")
    asked = wrong = 0
    scratch = tempfile.mkdtemp(prefix="hkyrandom.")
    for n in range(seed, seed + count):
        rng = random.Random(n)
        mc = "%s/r%d.mc" % (scratch, n)
        with open(mc, "w") as out:
            out.write(random_mc(rng))
        ours, said = compare.make([hikyaku, "makecf", "--library", library], mc)
        reference, _ = compare.make(compare.theirs_command(theirs), mc)
        cases = questions(compare, rng, per)
        found = compare.differences(ours, reference, cases, HERE + "/maps", rng.choice(HOSTS))
        asked += len(cases)
        wrong += len(found)
        print("== seed %d: %d of %d differ%s" % (n, len(found), len(cases), "; " + said.strip()[:300] if not ours else ""))
        if found:
            print("\n".join("   " + line for line in open(mc).read().split("LOCAL_RULESETS")[0].strip().split("\n")))
        for case, want, got in found[:8]:
            print("--", " | ".join(line for line in case["in"] if not line.endswith("}") and "connections}" not in line and "rate}" not in line))
            print("   theirs:", want, "\n   ours:  ", got)
    shutil.rmtree(scratch)
    print("%d questions, %d differ" % (asked, wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
