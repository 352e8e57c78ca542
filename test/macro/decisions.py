#!/usr/bin/env python3
"""What a .cf of the macro library decides: decisions.py BINDIR LIBRARY [NAME...]. decisions.txt holds short .mc files and questions for
`sendmail -bt` with the answers of a real sendmail 8.17 whose .cf its own macros made; the format stands at its head.
`decisions.py --record BINDIR LIBRARY THEIRS` asks sendmail's macros in the folder THEIRS and writes the answers anew."""
import re, shutil, sys, tempfile

import common

TABLE = common.HERE + "/decisions.txt"
# who speaks, in a question: a client with a name of its own and no rights; one without a name; one whose net the access map lets relay
CLIENTS = {
    "@stranger": ".D{client_addr}203.0.113.20 | .D{client_name}far.test | .D{client_resolve}OK | .D{client_ptr}far.test",
    "@nameless": ".D{client_addr}203.0.113.21 | .D{client_name}[203.0.113.21] | .D{client_resolve}FAIL | .D{client_ptr}[203.0.113.21]",
    "@friend": ".D{client_addr}128.32.1.1 | .D{client_name}client.test | .D{client_resolve}OK | .D{client_ptr}client.test",
}


def read_table():
    """(head, [(name, .mc text, [[question, answer]...])...])"""
    head, blocks, part = [], [], "head"
    for line in open(TABLE).read().split("\n"):
        if line.startswith("== "):
            blocks.append((line[3:], [], []))
            part = "mc"
        elif part == "head":
            head.append(line)
        elif line == "--":
            part = "questions"
        elif part == "mc":
            blocks[-1][1].append(line)
        elif line.strip():
            question, _, answer = line.partition(" =>")
            blocks[-1][2].append([question, answer.strip()])
    return head, [(name, "\n".join(mc), questions) for name, mc, questions in blocks]


def in_words(answer):
    if "mailer" not in answer:
        return answer["value"].replace("\n", " / ")
    return ("$# " + answer["mailer"] + (" $@ " + answer["host"] if answer["host"] else "") + (" $: " + answer["user"] if answer["user"] else "")).strip()


def answers(compare, cf, questions):
    """the answers; every macro that any question of the block sets is emptied before each, so that none is left from another"""
    asked = []
    for question, _ in questions:
        for word, lines in CLIENTS.items():
            question = question.replace(word, lines)
        asked.append(question.split(" | "))
    names = sorted({re.match(r"\.D(\{\w+\}|.)", line)[1] for lines in asked for line in lines if line.startswith(".D")})
    resets = [".D" + name for name in names]
    return [in_words(answer) for answer in compare.ask(cf, [{"mode": "3,0", "in": resets + lines} for lines in asked])]


def main():
    record = sys.argv[1] == "--record"
    bindir, library = sys.argv[2:4] if record else sys.argv[1:3]
    wanted = [] if record else sys.argv[3:]
    common.need_world(bindir)
    import compare
    compare.world.enter()
    compare.world.setup()
    check = common.Checks()
    head, blocks = read_table()
    folder = tempfile.mkdtemp(prefix="hkydecisions.")
    for name, mc, questions in blocks:
        if wanted and name not in wanted:
            continue
        with open(folder + "/t.mc", "w") as out:
            out.write(mc + "\n")
        if record:
            cf, said = compare.make(compare.theirs_command(sys.argv[4]), folder + "/t.mc")
        else:
            code, cf, said = common.makecf(bindir, library, folder + "/t.mc")
            check.equal(name + ": made without a word", (0, []), (code, said))
        compare.lay(common.HERE + "/maps", "mail.example.com", {"sendmail.cf": cf})
        for item, got in zip(questions, answers(compare, "/etc/mail/sendmail.cf", questions)):
            if record:
                item[1] = got
            else:
                check.equal("%s: %s" % (name, item[0]), item[1], got)
    shutil.rmtree(folder)
    if record:
        with open(TABLE, "w") as out:
            out.write("\n".join(head))
            for name, mc, questions in blocks:
                out.write("\n== %s\n%s\n--\n%s" % (name, mc, "".join("%s => %s\n" % tuple(item) for item in questions)))
        return
    check.end()


if __name__ == "__main__":
    main()
