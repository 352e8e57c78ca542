#!/usr/bin/env python3
"""doc/macro-library.md from the macro library: document.py ROOT [--write]. Without --write it compares, and exits with 1 where the
page is not current. What a name does stands in the first line of its file (dnl summary:) or in m4/conf-names.m4; which test shows it
is looked up in the tests themselves."""
import glob, os, re, sys

KINDS = (("FEATURE", "feature"), ("MAILER", "mailer"), ("OSTYPE", "ostype"), ("DOMAIN", "domain"), ("HACK", "hack"))
HEAD = """# The macro library: every name

Made from `share/cf` by `test/macro/document.py ROOT --write`: change the library, not this page. `share/cf/README.md` says how it works.
Every name is made and read back by the test `macro_names`; the tests named here look at what it does. `macro_random` compares with a
real sendmail's own macros (label `slow`).
"""


def summary(path):
    first = open(path).readline().strip()
    if not first.startswith("dnl summary: "):
        sys.exit("%s: the first line is to be `dnl summary: ...'" % path)
    return first[len("dnl summary: "):].replace("|", "\\|")


def sources(root):
    """test name -> text in which a name is looked for"""
    texts = {}
    for mc in sorted(glob.glob(root + "/test/golden/cf/*/*.mc")):
        config = os.path.basename(mc)[:-3]
        if config == "dialup0":
            texts["macro_handbook"] = open(mc).read()
        elif config != "msp":
            texts["golden_made_" + config] = open(mc).read()
    for test, script in (("macro_messages", "messages.py"), ("macro_decisions", "decisions.txt"), ("macro_random", "random_mc.py")):
        path = root + "/test/macro/" + script
        if os.path.exists(path):
            texts[test] = open(path).read()
    return texts


def shown_by(texts, pattern):
    return ", ".join(test for test, text in sorted(texts.items()) if re.search(pattern, text)) or "macro_names"


def page(root):
    library, texts, out = root + "/share/cf", sources(root), [HEAD]
    for word, folder in KINDS:
        files = sorted(glob.glob("%s/%s/*.m4" % (library, folder)))
        if not files:
            continue
        out.append("## %s (%d)\n\n| name | what it does | shown by |\n| --- | --- | --- |" % (word, len(files)))
        for path in files:
            name = os.path.basename(path)[:-3]
            pattern = r"%s\(\s*`?%s'?\s*[,)%%]" % (word, re.escape(name))
            out.append("| `%s` | %s | %s |" % (name, summary(path), shown_by(texts, pattern)))
        out.append("")
    rows = re.findall(r"^_conf\(`(\w+)', `([\w.-]*)', `(.*?)', `(.*)'\)dnl$", open(library + "/m4/conf-names.m4").read(), re.M)
    out.append("## Configuration names (%d)\n\n`define(NAME, VALUE)` sets the option; the test `macro_names` sets each and reads it back.\n\n"
               "| name | option | when not defined | what it is |\n| --- | --- | --- | --- |" % len(rows))
    for name, option, default, what in rows:
        out.append("| `%s` | %s | %s | %s |" % (name, option or "-", "`%s`" % default.replace("|", "\\|") if default else "", what))
    return "\n".join(out) + "\n"


def main():
    root = os.path.abspath(sys.argv[1])
    path = root + "/doc/macro-library.md"
    text = page(root)
    if "--write" in sys.argv[2:]:
        with open(path, "w") as out:
            out.write(text)
        return
    if not os.path.exists(path) or open(path).read() != text:
        print("doc/macro-library.md is not current: python3 test/macro/document.py %s --write" % root)
        sys.exit(1)
    print("current: %d lines" % text.count("\n"))


if __name__ == "__main__":
    main()
