#!/usr/bin/env python3
"""share/man/man5/hikyaku-options.5 from the one declaration of the options: option_page.py ROOT [--write]. Without --write it compares,
and exits with 1 where the page is not current. Names, letters, kinds, defaults and who may set them come from src/cf/options.def, what
an option is from the macro library's table (m4/conf-names.m4) and src/cf/options_manual.txt, what is different from
admin/differences.def, the flags of DontBlameSendmail from src/cf/blame.def."""
import os, re, sys

KINDS = {'Flag': 'True or False', 'Number': 'a number', 'Octal': 'a mode', 'Letter': 'a letter', 'String': 'text', 'Template': 'text with macros',
         'Time': 'a time', 'List': 'settings', 'Privacy': 'words', 'Blame': 'words', 'Letters': 'letters', 'User': 'a user', 'Special': ''}
DEFAULTS = {'{}': '', '(UserId{"", 1, 1, true})': '1:1', 'NoRcptAction::kNone': 'none', 'ProbeInterfaces::kAll': 'False', '(MimeHeaderLimits{})': '2048/1024',
            'false': 'False', 'true': 'True', "' '": 'a blank', '2147483647': 'no bound'}
UNITS = {'s': 'seconds', 'm': 'minutes', 'h': 'hours', 'd': 'days', '#': ''}
HEAD = r'''.\" Made by tools/option_page.py ROOT --write: change src/cf/options.def, src/cf/options_manual.txt or share/cf/m4/conf-names.m4.
.Dd November 29, 2026
.Dt HIKYAKU-OPTIONS 5
.Os
.Sh NAME
.Nm hikyaku-options
.Nd options of sendmail.cf
.Sh DESCRIPTION
A line of
.Pa /etc/mail/sendmail.cf
that sets an option reads
.Bd -literal -offset indent
O MaxMessageSize=10485760
.Ed
.Pp
or, in the old form, the option's letter and its value:
.Ql OL9 .
Names may be written in any case.
An
.Pa .mc
file sets the same by the name that stands after
.Dq by :
.Bd -literal -offset indent
define(`confMAX_MESSAGE_SIZE', `10485760')dnl
.Ed
.Pp
.Xr sendmail 8
takes them too, as
.Fl O Ar Name Ns = Ns Ar value
or
.Fl o Ns Ar letter value ;
an ordinary user only those that are marked
.Dq safe .
.Pp
A time is a number with a unit:
.Cm w , d , h , m , s
.Pq Ql 1h30m ;
without one it has the unit that is named here.
A mode is octal.
The defaults are those of the program; the macro library writes another one into the
.Pa .cf
file where
.Dq there
names it.
.Pp
All options of sendmail 8.17 are read.
What one does otherwise here, or that it has no effect, stands after
.Em Here : .
.Sh OPTIONS
'''
TAIL = r'''.Sh FILES
.Bl -tag -width Pa
.It Pa /etc/mail/sendmail.cf
the daemon's
.It Pa /etc/mail/submit.cf
of the submission by commands
.El
.Sh SEE ALSO
.Xr hikyaku-adopt 8 ,
.Xr hikyaku-check 8 ,
.Xr hikyaku-makecf 8 ,
.Xr mailstats 8 ,
.Xr sendmail 8
'''


def read(root, name):
    with open(os.path.join(root, name)) as f: return f.read()


def escaped(text):
    """One line of mdoc text: what begins with a dot or a quote is no request."""
    text = text.replace('\\', '\\e')
    return '\\&' + text if text[:1] in ".'" else text


def quoted(word):
    word = escaped(word).replace('"', '\\(dq')
    if re.fullmatch('[A-Z][a-z]|[^\\w]', word): word = '\\&' + word   # else it would be a macro, or punctuation
    return '"%s"' % word if ' ' in word else word


def marked(opening, word, closing):
    """`WORD' as mdoc has it; punctuation beside it is an argument of its own."""
    if opening and closing.startswith(')'): return ['.Pq Ql ' + ' '.join([word, *closing[1:]])]
    return (['(\\c'] if opening else []) + ['.Ql ' + ' '.join([word, *closing])]


def prose(text):
    """TEXT of options_manual.txt: what is marked gets a line of its own."""
    out = []
    for part in re.split(r'(\(?`[^`]*`[),.:;]*)', text):
        mark = re.fullmatch(r'(\(?)`([^`]*)`([),.:;]*)', part)
        if mark: out += marked(mark[1], quoted(mark[2]), mark[3])
        elif part.strip(): out += [escaped(line) for line in re.split(r'(?<=[.;]) ', part.strip())]
    return out


def default_of(kind, value, arg):
    value = DEFAULTS.get(value, value)
    if re.fullmatch(r"'.'", value): value = value[1]
    if value.startswith('"'): value = value[1:-1].replace('\\\\', '\\')
    if kind == 'Time' and value != '0': value = time_of(int(value))
    return value


def time_of(seconds):
    for unit, n in (('d', 86400), ('h', 3600), ('m', 60)):
        if seconds and seconds % n == 0: return '%d%s' % (seconds // n, unit)
    return '%ds' % seconds if seconds else '0'


def sentence(text):
    text = text.strip()
    return text[:1].upper() + text[1:] + ('' if text.endswith('.') else '.') if text else ''


def conf_names(root):
    out = {}
    for name, option, default, what in re.findall(r"^_conf\(`(\w+)', `([\w.-]*)', `(.*?)', `(.*)'\)dnl$", read(root, 'share/cf/m4/conf-names.m4'), re.M):
        if option: out[option.lower()] = (name, default, what)
    return out


def by(const, mc): return 'by ' + const + (', there ' + mc if mc else '')


def item(option, conf, manual, different):
    field, name, code, kind, default, safe, arg = option
    letter = re.fullmatch(r"'(.)'", code)
    head = '.It Cm %s' % name + (' Pq Cm %s' % letter[1] if letter else '')
    facts = [KINDS[kind]] if KINDS[kind] else []
    unit = re.fullmatch(r"'(.)'", arg)
    if kind == 'Time' and unit and UNITS[unit[1]]: facts[-1] += ' in ' + UNITS[unit[1]]
    value = default_of(kind, default, arg)
    if kind == 'Privacy': value = 'public'
    if value: facts.append('default ' + value)
    if safe == 'true': facts.append('safe')
    lines = [head]
    const, mc, what = conf.get(name.lower(), ('', '', ''))
    if const: facts.append(by(const, mc))
    if facts: lines.append(escaped(sentence('; '.join(facts))))
    if what: lines.append(escaped(sentence(what)))
    if manual.get(name): lines += prose(sentence(manual[name]))
    if name in different: lines += ['.Em Here :', escaped(different[name].rstrip('.') + '.')]
    return lines


def timeouts(root, conf):
    lines = ['.Ss Timeouts', 'Each is set by a line', '.Cm Timeout. Ns Ar name ;',
             'beside it stands what it waits for, the unit of a bare number and the default.',
             'A name of several parts is also set by its first part, with or without a star.', '.Bl -tag -width Ds']
    for field, name, seconds, unit in re.findall(r'^HKY_TIMEOUT\((\w+), "([^"]+)", (\d+), \'(.)\'\)', read(root, 'src/cf/options.def'), re.M):
        const, mc, what = conf.get('timeout.' + name, ('', '', ''))
        group = conf.get('timeout.' + name.rsplit('.', 1)[0])
        what = what.replace('waiting for: ', '')
        if group: what = re.sub('^.*the same', group[2] + ',', what)
        facts = [UNITS[unit] or 'a number', 'default ' + time_of(int(seconds)) if int(seconds) else 'default: none of its own']
        if const: facts.append(by(const, mc))
        lines += ['.It Cm %s' % name, escaped(sentence(what)), escaped(sentence('; '.join(facts)))]
    return lines + ['.El']


def blame(root):
    words = re.findall(r'^HKY_BLAME\((\w+)\)', read(root, 'src/cf/blame.def'), re.M)
    lines = ['.Ss Words of DontBlameSendmail']
    for i, word in enumerate(words): lines.append('.Cm %s%s' % (word, ' ,' if i + 1 < len(words) else ' .'))
    return lines


def page(root):
    options = re.findall(r'^HKY_OPTION\((\w+), (\w+), (\S+), (\w+), (.*), (true|false), (.*)\)$', read(root, 'src/cf/options.def'), re.M)
    conf, names = conf_names(root), [o[1] for o in options]
    manual = dict(re.findall(r'^(\w+): (.+)$', re.sub(r'(?m)^#.*$', '', read(root, 'src/cf/options_manual.txt')), re.M))
    different = {}
    for effect, name, text in re.findall(r'^HKY_(\w+)\((\w+),(?: \w+,)? "(.*)"\)$', read(root, 'src/admin/differences.def'), re.M):
        different[name] = ('no effect: ' if effect != 'DIFFERENT' else '') + text.replace('\\"', '"')
    silent = [n for n in names if n not in manual and n.lower() not in conf]
    unknown = sorted((set(manual) | set(different)) - set(names))
    if len(names) < 100 or silent or unknown: sys.exit('option_page.py: without a word: %s; no such option: %s' % (silent, unknown))
    lines = ['.Bl -tag -width Ds']
    for option in sorted(options, key=lambda o: o[1].lower()): lines += item(option, conf, manual, different)
    lines += ['.El'] + timeouts(root, conf) + blame(root)
    return HEAD + '\n'.join(lines) + '\n' + TAIL


def main():
    root = os.path.abspath(sys.argv[1]); path = os.path.join(root, 'share/man/man5/hikyaku-options.5'); text = page(root)
    if '--write' in sys.argv[2:]:
        with open(path, 'w') as out: out.write(text)
    elif not os.path.exists(path) or read(root, 'share/man/man5/hikyaku-options.5') != text:
        print('hikyaku-options.5 is not current: python3 tools/option_page.py %s --write' % root); sys.exit(1)
    else: print('current: %d lines' % text.count('\n'))


if __name__ == '__main__': main()
