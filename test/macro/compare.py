"""Two .cf files made from one .mc file (ours by the macro library here, theirs by sendmail's own macros), asked the same questions by
`sendmail -bt` in the fixed world of test/golden: what differs in the end (mailer, host, user, or the value returned).

Theirs is third-party text: it is generated in a scratch folder, given to the program under test, and neither read nor kept."""
import collections, glob, json, os, random, re, shutil, subprocess, sys, tempfile

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden")
sys.path.insert(0, GOLDEN)
import replay, world

MODES = ("3,0", "/parse", "/try", "check_mail", "check_rcpt", "check_relay")
CHECKS = ("check_mail", "check_rcpt", "check_relay")


def pool(seed, per_mode, modes=MODES):
    """the questions: golden ones of every configuration, the same for one seed; connection macros and addresses are mixed anew"""
    rng = random.Random(seed)
    by = collections.defaultdict(list)
    for path in sorted(glob.glob(GOLDEN + "/open/bt-*.jsonl*")):
        for line in replay.records(path):
            case = json.loads(line)
            if case["mode"] in modes and case["in"] and "/canon" not in case["in"][-1]:
                by[case["mode"]].append(case)
    cases = []
    for mode in modes:
        for _ in range(per_mode):
            lines = list(rng.choice(by[mode])["in"])
            if mode in CHECKS and mode != "check_relay":
                lines[-1] = rng.choice(by[mode])["in"][-1]
            cases.append({"mode": mode, "in": lines})
    return cases


def make(command, mc):
    """(.cf text, what was said on standard error); the text is empty where the program failed"""
    done = subprocess.run(command + [os.path.basename(mc)], cwd=os.path.dirname(mc), capture_output=True)
    return (done.stdout if done.returncode == 0 else b""), done.stderr.decode("utf-8", "replace")


def theirs_command(cfdir):
    return ["m4", "-D_CF_DIR_=" + cfdir, cfdir + "m4/cf.m4"]


def lay(maps, host, files):
    """/etc/mail: map sources and aliases of the folder `maps`, built, and the .cf files"""
    world.HOSTS["compare"] = host
    folder = tempfile.mkdtemp(prefix="hkymc.")
    try:
        shutil.copytree(maps, folder + "/compare")
        for name, text in files.items():
            with open(folder + "/compare/" + name, "wb") as out:
                out.write(text)
        return world.install("compare", folder)
    finally:
        shutil.rmtree(folder)


def ask(cf, cases, batch=80):
    """the final answer to each case"""
    answers = []
    for at in range(0, len(cases), batch):
        part = cases[at:at + batch]
        got = ask_once(cf, part)
        if len(got) != len(part):
            got = [(ask_once(cf, [case]) or ["(no answer)"])[0] for case in part]
        answers += [replay.final(replay.clean(text)) for text in got]
    return answers


def ask_once(cf, cases):
    mark = replay.MARK
    text = b".DX" + mark.encode() + b"\n$X\n" + b"".join(
        b"".join(replay.raw(line) + b"\n" for line in case["in"]) + b"$X\n" for case in cases)
    try:
        done = world.inroot([world.SENDMAIL, "-C" + cf, "-bt"], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        out = replay.text(done.stdout)
    except subprocess.TimeoutExpired as late:
        out = replay.text(late.stdout or b"")
    parts = re.split(r"(?:> )?" + mark + "\n", out)
    return parts[1:-1] if len(parts) > 2 else []


def differences(ours, theirs, cases, maps, host="mail.example.com"):
    """[(case, theirs, ours)] where the two files answer differently; a $&{name} in an answer is a byte of the address that sendmail reads
    as a macro's number, and those follow the order of names in the .cf: such answers say nothing of the rules"""
    lay(maps, host, {"sendmail.cf": ours, "theirs.cf": theirs})
    pairs = zip(cases, ask("/etc/mail/theirs.cf", cases), ask("/etc/mail/sendmail.cf", cases))
    return [(case, want, got) for case, want, got in pairs if want != got and "$&{" not in str(want)]
