"""admin/differences.def tells the truth: an option that no code looks at is in it, and none that some code looks at.
usage: options_test.py SRC"""
import os, re, sys

SRC = sys.argv[1]
options = re.findall(r'^HKY_OPTION\((\w+), (\w+),', open(SRC + '/cf/options.def').read(), re.M)
table = open(SRC + '/admin/differences.def').read()
without = dict((f, n) for n, f in re.findall(r'^HKY_(?:WITHOUT_EFFECT|MISSING)\((\w+), (\w+),', table, re.M))
different = set(re.findall(r'^HKY_DIFFERENT\((\w+),', table, re.M))
KEPT = {'dont_probe_interfaces', 'queue_timeout'}   # the reader itself acts on them
words = set()
for folder, _, names in os.walk(SRC):
    if re.match(re.escape(SRC) + r'/(cf|admin/check|admin/adopt)(/|$)', folder): continue
    for name in names:
        if name.endswith(('.cc', '.h')) and not name.endswith('_test.cc'): words.update(re.findall(r'\w+', open(os.path.join(folder, name)).read()))
bad = []
for field, name in options:
    looked_at = field in words or field in KEPT
    if looked_at and field in without: bad.append('%s (%s) is looked at: take it out of the table, or tell the difference' % (name, field))
    if not looked_at and field not in without and name not in different: bad.append('%s (%s) is looked at nowhere: say so in the table' % (name, field))
known = {field: name for field, name in options}
for field, name in without.items():
    if known.get(field) != name: bad.append('%s (%s): no such option' % (name, field))
for name in different - set(known.values()): bad.append('%s: no such option' % name)
for b in bad: print('FAIL  ' + b)
print('options: %s' % ('failed' if bad else 'ok'))
sys.exit(1 if bad else 0)
