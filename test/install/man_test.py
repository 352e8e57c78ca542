"""The manual pages say everything that the binary takes: each verb, each mode, each option letter, each map tool's options; and mandoc
has nothing to say about them. Read from the .def files and sources that the binary is made of.
usage: man_test.py SOURCE_DIR"""
import glob, os, re, shutil, subprocess, sys

SOURCE = os.path.abspath(sys.argv[1]); failed = []


def read(name):
    with open(os.path.join(SOURCE, name)) as f: return f.read()


def page(name): return read('share/man/man%s/%s' % (name[-1], name))


def expect(fact, what):
    if not fact: failed.append(what); print('FAIL  ' + what)


def items(text):
    """What a list's .It lines name: 'Fl q' -> 'q', 'Fl b Ns Cm m' -> 'bm', 'Cm adopt' -> 'adopt'."""
    out = set()
    for line in re.findall(r'(?m)^\.It (.*)$', text):
        for part in re.split(r' , ', line):
            m = re.match(r'Fl b Ns Cm (\w)', part)
            if m: out.add('b' + m[1]); out.add('b'); continue
            m = re.match(r'(?:Fl|Cm) (\S+)', part)
            if m: out.add(m[1])
    return out


verbs = re.findall(r'(?m)^HKY_VERB\("([^"]+)", \w+, (\w+),', read('src/cmd/verbs.def'))
own = items(page('hikyaku.8')); pages = {os.path.basename(p).rsplit('.', 1)[0] for p in glob.glob(SOURCE + '/share/man/man*/*')}
expect(len(verbs) >= 10, 'verbs.def was read')
for verb, kind in verbs:
    expect(verb in own, 'hikyaku(8) has no line for ' + verb)
    if kind == 'kPersonality': expect(verb in pages, 'no page for the name ' + verb)
serve = re.findall(r'front\(\) == "(--[\w-]+)"', read('src/cmd/verb_serve.cc'))
expect(serve and all('Fl ' + word[1:] in page('hikyaku.8') for word in serve), 'hikyaku serve: %s' % serve)

options = items(page('sendmail.8'))
modes = re.findall(r"HKY_MODE\('(\w)'", read('src/cmd/modes.def'))
expect(len(modes) >= 10, 'modes.def was read')
for mode in modes: expect(('b' + mode if mode != 'q' else 'q') in options, 'sendmail(8) has no line for -b' + mode)
letters = re.search(r'kOptionString = "([^"]+)"', read('src/cmd/sendmail_options.cc'))[1].replace(':', '')
for letter in letters: expect(letter in options, 'sendmail(8) has no line for -' + letter)

cf_options = re.findall(r'(?m)^HKY_OPTION\(\w+, (\w+),', read('src/cf/options.def'))
expect(len(cf_options) >= 100 and set(cf_options) <= items(page('hikyaku-options.5')), 'hikyaku-options(5) lacks %s' % sorted(set(cf_options) - items(page('hikyaku-options.5'))))

sources = read('src/maps/makemap.cc')
for tool, usage in (('makemap', 'kUsage|kMakemapUsage'), ('editmap', 'kEditmapUsage')):
    text = re.search(r'(?s)(?:%s) =\s*((?:\s*"(?:[^"\\]|\\.)*")+)' % usage, sources)
    expect(text, 'the usage line of ' + tool)
    for letter in set(re.findall(r'[\[|]-(\w)', text[1])) if text else (): expect(letter in items(page(tool + '.8')), '%s(8) has no line for -%s' % (tool, letter))

for tool in ('praliases', 'mailstats'):
    letters = re.search(r'small_options\(call\.args, "([^"]+)"', read('src/cmd/verb_%s.cc' % tool))[1].replace(':', '')
    for letter in letters: expect(letter in items(page(tool + '.8')), '%s(8) has no line for -%s' % (tool, letter))

# Words of our own verbs: what the source compares with must stand in the page, and the other way round.
for verb in ('check', 'adopt', 'makecf', 'queue', 'explain'):
    name = 'hikyaku-%s.8' % verb
    if verb not in [v for v, _ in verbs]: continue
    taken = set(re.findall(r'"--([a-z][\w-]+)"', read('src/cmd/verb_%s.cc' % verb))) - {'root'}
    said = set(re.findall(r'Fl -([\w-]+)', page(name)))
    expect(taken == said, '%s: the program takes %s, the page has %s' % (name, sorted(taken), sorted(said)))

# Every page that a page names exists, or is of another package.
OTHERS = {'inetd.8', 'm4.1', 'sysexits.3', 'uuxqt.8'}
ours = {os.path.basename(p) for p in glob.glob(SOURCE + '/share/man/man*/*')}
for path in sorted(glob.glob(SOURCE + '/share/man/man*/*')):
    with open(path) as f: text = f.read()
    for name, section in re.findall(r'(?m)^\.Xr (\S+) (\d)', text):
        expect('%s.%s' % (name, section) in ours | OTHERS, '%s names %s(%s)' % (os.path.basename(path), name, section))
    if shutil.which('mandoc') and not text.startswith('.so '):
        lint = subprocess.run(['mandoc', '-Tlint', '-Wwarning', path], capture_output=True, text=True).stdout
        expect(not lint, lint.strip())
if not shutil.which('mandoc'): print('mandoc is not here: the pages\' form was not checked')
print('man pages: %s' % ('%d failed' % len(failed) if failed else 'ok (%d)' % len(ours)))
sys.exit(1 if failed else 0)
