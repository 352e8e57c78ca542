"""admin/uses.def tells the truth: it has every flag, key, word and ruleset that the code knows, and what is obeyed is looked at where it
counts, what is not is not.  usage: uses_test.py SRC SHARE_CF"""
import os, re, sys

SRC, CF = sys.argv[1:3]
read = lambda name: open(os.path.join(SRC, name)).read()
table = {}
for state, kind, name in re.findall(r'^HKY_(OBEYED|MOOT|DIFFERS|NOT_OBEYED)\((\w+), "([^"]+)"', read('admin/uses.def'), re.M): table.setdefault(kind, {})[name] = state
bad = []


def sources(folder, skip, ends=('.cc', '.h')):
    for path, _, names in os.walk(folder):
        for name in names:
            full = os.path.join(path, name); inner = os.path.relpath(full, folder)
            if name.endswith(ends) and not name.endswith('_test.cc') and not re.match(skip, inner): yield open(full).read()


ACTS = '\n'.join(sources(SRC, r'(cf|admin)/'))            # what does the work
RULES = '\n'.join(sources(CF, r'\Z', ('.m4',)))


def agree(kind, known, obeyed):
    """`known`: the names the code has; obeyed(name): does something act on it?"""
    names = table.get(kind, {})
    for name in sorted(set(known) - set(names)): bad.append('%s %s: not in the table' % (kind, name))
    for name, state in names.items():
        if name not in known: bad.append('%s %s: the code does not know it' % (kind, name))
        elif state == 'OBEYED' and not obeyed(name): bad.append('%s %s: nothing acts on it, though it is said to be obeyed' % (kind, name))
        elif state in ('MOOT', 'NOT_OBEYED') and obeyed(name): bad.append('%s %s: something acts on it: say that it is obeyed' % (kind, name))


def member_acts(switch, member, holder=r'(?:\.|->)'):
    """letter -> the member that its case of the switch sets, looked at by what does the work"""
    cases = dict(re.findall(r"case '(.)':(.*?)(?=\n    case |\n    default)", switch, re.S))
    return lambda letter: any(re.search(holder + r'%s\b(?! =[^=])' % m, ACTS) for m in re.findall(member, cases[letter]))


# mailer flags: a name for each in mailer_flags.h, asked for by it or by the letter; those of H?x? lines by every H line
flags = dict((letter, name) for name, letter in re.findall(r"(k\w+) = '(.)'", read('deliver/mailer_flags.h')))
OF_HEADER_LINES, OF_THE_READER, TAKEN_AND_MOOT = 'DFMPx', 'L', 'dR1!'
acts_on_flag = lambda f: f in OF_HEADER_LINES + OF_THE_READER or bool(re.search(r"flag\((?:deliver::)?(?:'%s'|%s)\)|'%s'" % (re.escape(f), flags.get(f, '$'), '$'), ACTS))
agree('MailerFlag', set(flags) | set(OF_HEADER_LINES) | set(TAKEN_AND_MOOT), acts_on_flag)

mailers = read('cf/reader_mailers.cc'); fields = mailers[mailers.index('switch (field)'):mailers.index('Reader::mailer_line')]
SETTERS = {'S': 'sender_envelope_rwset', 'R': 'rcpt_header_rwset', 'T': 'mta_type', 'U': 'uid'}   # by a function of their own
case_acts = member_acts(fields, r'\bm\.(\w+)')
equate_acts = lambda e: bool(re.search(r'\b%s\b' % SETTERS[e], ACTS)) if e in SETTERS else case_acts(e)
agree('MailerEquate', set(re.findall(r"case '(.)':", fields)) | {'P=[LPC]'}, lambda e: len(e) == 1 and equate_acts(e))

equates = read('cf/reader_equates.cc'); keys = equates[equates.index('switch (letter)'):equates.index('Reader::queue_line')]
agree('QueueKey', set(re.findall(r"case '(.)':", keys)), member_acts(keys, r'\bq\.(\w+)', r'group(?:s\[\w+\]|_of\([^;]*\))?\.'))

# keys of ports: a small letter is the same as its capital, but for those that only exist small
port_keys = re.search(r'kPortKeys = "(\w+)"', read('cf/port_options.h'))[1]
KEYS = {k for k in port_keys if k.isupper() or k.upper() not in port_keys or k in 'drs'}
daemon = read('cmd/snapshot.cc') + read('cmd/start_facts.cc'); client = read('deliver/policy.cc')
asks_key = lambda text: lambda k: bool(re.search(r"(?:port_option\(\w+, '%s'|buffer_size\(\w+, '%s'|case '%s':)" % (k.lower() if k not in 'drs' else '$', k, k), text))
agree('DaemonKey', KEYS | {'Family=local'}, lambda k: len(k) == 1 and asks_key(daemon)(k))
agree('ClientKey', KEYS, asks_key(client))
OF_RULES = 'fuCc'   # by rulesets, in {daemon_flags}
asks_modifier = lambda text: lambda m: m in OF_RULES or bool(re.search(r"(?:modified\(|flags\.find\(|'m'\)\.find\()'%s'\)" % m, text))
agree('DaemonModifier', table['DaemonModifier'], asks_modifier(daemon + ACTS))
agree('ClientModifier', table['ClientModifier'], asks_modifier(client))

options = read('cf/options.cc'); privacy = dict(re.findall(r'\{"(\w+)", (?:(kPriv\w+)|0)[ }|]', options[options.index('privacy_names() {'):]))
agree('PrivacyWord', privacy, lambda w: privacy[w] == '' or privacy[w] in ACTS)
letters = re.search(r'HKY_OPTION\(auth_options,.*"(\w+)"\)', read('cf/options.def'))[1]
agree('AuthLetter', letters, lambda c: bool(re.search(r"auth_options\.find\('%s'\)|c == '%s'\) flags" % (c, c), ACTS)))
blame = re.findall(r'^HKY_BLAME\((\w+)\)', read('cf/blame.def'), re.M)
agree('BlameWord', blame, lambda w: w == 'Safe' or bool(re.search(r'\b%s\b' % w, ACTS)))   # Safe takes the others back

asked = set(re.findall(r'"(check_(?:relay|mail|rcpt|data|eoh|eom|etrn|expn|vrfy|other|compat)|queuegroup|greet_pause|srv_features|trust_auth|authinfo|clt_features|try_tls|tls_\w+)"', ACTS)) - {'tls_version'}
if asked - set(table['Ruleset']): bad.append('rulesets that are not in the table: %s' % sorted(asked - set(table['Ruleset'])))
agree('Ruleset', table['Ruleset'], lambda r: r in asked)
hooks = set(re.findall(r'\$>(Local_\w+)', RULES)) | {'Local_' + name for name in re.findall(r"^_site_ruleset\(`\w+', `(\w+)'", RULES, re.M)}
OF_A_RULESET = {'Local_' + r: r for r in ('tls_server', 'tls_rcpt', 'try_tls', 'clt_features')}   # as obeyed as the one that calls it
agree('SiteRuleset', hooks | {'Local_authinfo'}, lambda h: h != 'Local_authinfo' and (h not in OF_A_RULESET or OF_A_RULESET[h] in asked))
tags = set(re.findall(r'< [!+] > < (\w+) >', RULES)) | set(re.findall(r'\(access (\w+):', RULES)) | set(re.findall(r'AccessLimit < (\w+) >', RULES))
fold = {name.lower() for name in table['AccessTag']}
for tag in sorted(t for t in tags if t.lower() not in fold and t not in ('rhs', 'Tag')): bad.append('AccessTag %s: not in the table' % tag)
for tag in sorted(t for t in table['AccessTag'] if t.lower() not in {x.lower() for x in tags}): bad.append('AccessTag %s: no ruleset of ours asks for it' % tag)

for b in bad: print('FAIL  ' + b)
print('uses: %s' % ('failed' if bad else 'ok'))
sys.exit(1 if bad else 0)
