"""What two answers may differ in, and are taken for the same: each of it stands in doc/differences.md. Who calls it: beside_test.py."""
import json, re
from left_over import LOOP, without_left_over

CLOSING = re.compile(r'(?m)^(?:(?:\S+\.\.\. )?Closing connection to |>>> QUIT$|221 ).*\n')
CACHE = 2   # ConnectionCacheSize


def resetless(answer):
    """Without RSET in what was sent on: sendmail says it before each further message of a connection, Hikyaku where there is something to reset; and without the ends
    of more connections than are kept, which sendmail has while the next is made, Hikyaku when it is over (doc/differences.md)."""
    if isinstance(answer, list): return [resetless(a) for a in answer]
    if not isinstance(answer, dict): return answer
    if '>>> RSET' in (answer.get('out') or ''): answer = dict(answer, out=re.sub(r'>>> RSET\n250 .*\n', '', answer['out']))
    if (answer.get('out') or '').count('Closing connection to ') > CACHE: answer = dict(answer, out=CLOSING.sub('', answer['out']))
    if not answer.get('sent'): return answer
    return dict(answer, sent=[dict(s, commands=[c for c in s['commands'] if c != 'RSET']) for s in answer['sent']])


NO_QUEUE = 'can not chdir('
CIRCLE = '554 5.4.6 aliasing/forwarding loop broken'
NAMELESS = re.compile(r'Final-Recipient: (?:RFC822; @|\(null\); )'); FINAL = re.compile(r'Final-Recipient: .*?\\n')   # in a report
OWN_ALIAS = '    (expanded from: selfloop'   # a sender who is his own alias, and nobody
EXPANDED = 'Action: expanded (to multi-recipient alias)'


def accepted(sendmail, hikyaku):
    """Differences that doc/differences.md gives for good, and that a name here and there meets: the words about a best MX that is this host, which sendmail says once a process;
    complaints about a faulty address of a header, which it has behind others, and in a report, each time it parses one; an empty From: or Resent-From: of <>; of which of its questions DNS had no answer to;
    the RET=, ENVID= and BODY= of a command line in its report's MAIL, or of an address of eight bits there; the order of several messages to one host; the faults that the reports to a list's owner and
    to the sender have from each other; whether the postmaster is told of a fault of ours, too, where another was met before; the receipt for an alias of several;
    what a user who may not enter the queue is told where ErrorMode is m; parts of a report to several queue groups, or one whose addressee's alias leads too deep, that stay in the queue;
    the order of equals in a queue run; a recipient whom a report does not name; what an ordinary user may set; the last delimiter of a body of several parts; such a
    complaint as why a message waits; lines longer than sendmail's buffer; the label of a message that has eight bits in a Bcc: alone; in which order a report tells of
    an alias that is its own; a client that goes away in the middle; a quarantined message with too many hops."""
    if went_away(sendmail, hikyaku): return True
    sendmail, hikyaku = without_left_over(sendmail, hikyaku)
    if of_refused_mail(hikyaku): sendmail, hikyaku = without_returned(sendmail), without_returned(hikyaku)
    if labels(sendmail) > labels(hikyaku): sendmail, hikyaku = without_idle_labels(sendmail), without_idle_labels(hikyaku)
    more_faults = json.dumps(sendmail).count('Unbalanced') > json.dumps(hikyaku).count('Unbalanced')
    sendmail, hikyaku = in_any_turn(sendmail), in_any_turn(hikyaku)
    if isinstance(sendmail, list): sendmail, hikyaku = without_again(sendmail), without_again(hikyaku)
    if met_before(sendmail, hikyaku): sendmail, hikyaku = without_postmaster(sendmail), without_postmaster(hikyaku)
    if EXPANDED in json.dumps(hikyaku) and EXPANDED not in json.dumps(sendmail): sendmail, hikyaku = without_receipts(sendmail), without_receipts(hikyaku)
    if isinstance(sendmail, list) and len(sendmail) == len(hikyaku):
        steps = [step for step in zip(sendmail, hikyaku) if not gave_rights_up(*step)]; sendmail, hikyaku = [s for s, _ in steps], [h for _, h in steps]
    if isinstance(sendmail, list) and any(kept_as_mended(*step) or refused_for_errors_to(*step) for step in zip(sendmail, hikyaku)): return True
    a, b = (LONG.sub(cut, OF_ITSELF.sub(r'\3\1', comparable(x))) for x in (sendmail, hikyaku))
    if NAMELESS.search(a): a, b = FINAL.sub('', a), FINAL.sub('', b)
    if WAITS_FOR_FAULT.search(a): a, b = WAITS.sub('', a), WAITS.sub('', b)
    if len(UNCLOSED.findall(a)) > len(UNCLOSED.findall(b)): a, b = UNCLOSED.sub('', a), UNCLOSED.sub('', b)
    if more_faults: a, b = (ACTUAL.sub('', OF_REPORT.sub(r'\1', x)) for x in (a, b))
    if NO_QUEUE not in a: b = re.sub(r'(?:\d{3} \d\.\d\.\d )?' + re.escape(NO_QUEUE) + r'.*?\\n', '', b)
    if b.count(LOOP) > a.count(LOOP): return True
    if OWN_ALIAS in a and OWN_ALIAS not in b: return True
    if isinstance(sendmail, dict) and CIRCLE in json.dumps(hikyaku.get('dialogue')) and CIRCLE not in json.dumps(sendmail.get('dialogue')): return True   # RCPT of an alias that leads back to itself
    fault = re.compile(r"(?:553 5\.0\.0 |(?<=\\n))(?:(?!\\n).)*?\.\.\. Unbalanced '\\?.'(?:\\r)?\\n")
    nobody = re.compile(r'(?:Resent-)?From: (?:[\w ]+ (?=<))?<?(?:MAILER-DAEMON(?:@[\w.]+)?)?>?(?:\\r)?\\n')   # of <>, where the message names nobody
    asked = re.compile(r'(MAIL From:<>[^"]*?)(?: RET=(?:HDRS|FULL)| ENVID=[^ "]+| BODY=(?:7BIT|8BITMIME))+')
    typed = re.compile(r'(MAILER-DAEMON\\n) +(?:8BITMIME|7BIT)(?:\\n|(   \())')   # in mailq
    report = 'Original-Envelope-Id: ' if ' ENVID=' in ''.join(re.findall('MAIL From:<>[^"]*', a)) or 'Subject: Postmaster notify: ' in a else '$^'
    owned = 'Message delivered to mailing list ' in a; told = re.compile(r'(?<=Transcript of session follows -----)(?:\\r)?\\n.*?(?=(?:\\r)?\\n(?:\\r)?\\n--)')
    fault_lines = re.compile(r'(?:[45]\d\d \d\.\d\.\d |(?<=\\n)(?=[^ ]+\.\.\. (?:Deferred: |expanded to multiple )))(?:(?!\\n).)*?\\n')
    apart = lambda text: told.sub(lambda m: fault_lines.sub('', m[0] + '\\n'), text) if owned else text
    plain = lambda text: re.sub(report + r'.*?\\n', '', typed.sub(lambda m: m[1] + (14 * ' ' + m[2] if m[2] else ''), asked.sub(r'\1', nobody.sub('', fault.sub('', apart(text)))))).replace(': no data known)', ': host not found)').replace(': non-recoverable error)', ': host not found)')
    return plain(a) == plain(b) or (several(sendmail) and plain(json.dumps(by_message(sendmail), sort_keys=True)) == plain(json.dumps(by_message(hikyaku), sort_keys=True)))


LONG = re.compile(r'(.)\1{300,}(?:!?(?:\\r)?\\n ?\1+)*')   # a line of one letter, whole or folded by the mailer
BUFFER = 2000   # sendmail cuts what is longer, a little behind
OF_ITSELF = re.compile(r'(550 5\.1\.1 <?(\w+)(?:@[\w.]+)?>?\.\.\. User unknown(?:\\r)?\\n)(550 5\.1\.1 <\2@[\w.]+>\.\.\. User unknown(?:\\r)?\\n)')
IDLE_LABEL = re.compile(r'(?m)^(?:MIME-Version: 1\.0\r?\n(?=Content-Type: text/plain; charset=unknown-8bit))?Content-T(?:ransfer-Encoding: 8bit|ype: text/plain; charset=unknown-8bit)\r?\n')
ACTUAL = re.compile(r'X-Actual-Recipient: .*?\\n'); OF_REPORT = re.compile(r'(MAIL From:<>[^"]*?) SIZE=\d+')   # where a complaint about an address stands in the report
WAITS = re.compile(r'(?<=\\n) {17}\((?:(?!\\n).)*\)\\n')   # why a message of mailq does
WAITS_FOR_FAULT = re.compile(r"(?<=\\n) {17}\((?:(?!\\n).)*(?:\.\.\. Unbalanced '\\?.'|DNS failure: CNAME loop for \S+)\)\\n")
UNCLOSED = re.compile(r'(?<=\\n)--(?:(?!\\n).)*?--(?:\\r)?\\n')   # the last delimiter of several parts
RUN = re.compile(r'(?m)^(?=Running /var/spool/mqueue/<QID> \(sequence )')


def cut(m): return m[1] if m[0].count(m[1]) > BUFFER else m[0]


def went_away(sendmail, hikyaku):
    """Whether the client ended a dialogue, in which both say the same, within a message, of which nobody hears here."""
    if not isinstance(hikyaku, dict) or any(hikyaku.get(k) for k in ('local', 'sent', 'queue')) or sendmail.get('dialogue') != hikyaku.get('dialogue'): return False
    said = [d for d in hikyaku.get('dialogue') or () if d['c']]
    begun = [i for i, d in enumerate(said) if d['c'].strip().upper() == 'DATA' and d['s'][-1].startswith('354')]
    return bool(begun) and not any(d['c'].endswith('\r\n.\r\n') or d['c'] == '.\r\n' for d in said[begun[-1]:])


RETURNED = re.compile(r'(?ms)^Content-Type: (?:message/rfc822|text/rfc822-headers)\r?$.*|^Original-Envelope-Id: .*?\n')


def of_refused_mail(hikyaku):
    """Whether a MAIL was refused that said what a report has of the message: to sendmail that stands for the next one."""
    said = hikyaku.get('dialogue') or () if isinstance(hikyaku, dict) else ()
    return any(d['c'] and re.match(r'(?i)MAIL.* (?:RET|ENVID)=', d['c']) and d['s'][-1][:1] in '45' for d in said)


def without_returned(x):
    if isinstance(x, list): return [without_returned(v) for v in x]
    if isinstance(x, dict): return {k: v if k == 'dialogue' else without_returned(v) for k, v in x.items()}
    return RETURNED.sub('', x) if isinstance(x, str) and '; report-type=delivery-status' in x else x


def labels(answer): return len(re.findall('Content-Transfer-Encoding: 8bit|charset=unknown-8bit', json.dumps(answer)))


def without_idle_labels(x):
    """Without what says that text has eight bits which has none: sendmail counts a Bcc: that it takes out."""
    if isinstance(x, list): return [without_idle_labels(v) for v in x]
    if isinstance(x, dict): return {k: without_idle_labels(v) for k, v in x.items()}
    return IDLE_LABEL.sub('', x) if isinstance(x, str) and x.isascii() else x


def in_any_turn(answer):
    """What -v says of the messages of a queue run in an order of its own, without their numbers and the ends of connections; mailq's as by_priority()."""
    if isinstance(answer, list): return [in_any_turn(a) for a in answer]
    if not isinstance(answer, dict) or not answer.get('out'): return answer
    answer = dict(answer, out=by_priority(answer['out']))
    if len(RUN.findall(answer['out'])) < 2: return answer
    first, *each = RUN.split(CLOSING.sub('', answer['out']))
    return dict(answer, out=first + ''.join(sorted(re.sub(r'\(sequence \d+ of', '(sequence of', e).rstrip('\n') + '\n' for e in each)))


def kept_as_mended(sendmail, hikyaku):
    """Whether a command's message came back at once for a quote or bracket in its header that sendmail, with DeliveryMode=d, keeps for a queue run."""
    return 'Unbalanced' in sendmail.get('out', '') and sendmail.get('queue') and not sendmail.get('local') and any('Unbalanced' in m for m in hikyaku.get('local') or ()) and not hikyaku.get('queue')


def gave_rights_up(sendmail, hikyaku):
    """Whether an ordinary user's option, which is refused by name here, made sendmail's command one without the rights to its queue: neither has done anything."""
    if any(answer.get(k) for answer in (sendmail, hikyaku) for k in ('local', 'sent', 'queue')): return False
    return 'Program mode requires special privileges' in (sendmail.get('err') or '') and ' may use option ' in (hikyaku.get('err') or '')


def refused_for_errors_to(sendmail, hikyaku):
    """Whether UseErrorsTo has sendmail refuse a command's message for an address in Errors-To:, which it complains of."""
    named = [a.strip() for s in hikyaku.get('sent') or () for d in s['data'] for field in re.findall(r'(?m)^Errors-To: (.*?)\r?$', d) for a in field.split(',')]
    return sendmail.get('rc') and hikyaku.get('rc') == 0 and any('\n' + a + '... ' in '\n' + sendmail.get('out', '') for a in named)


def met_before(sendmail, hikyaku):
    """Whether sendmail's process may have met a fault before the one that is reported: of another message; before one of ours also of an address that was refused, or of a list's member."""
    said = sendmail.get('dialogue') or () if isinstance(sendmail, dict) else (); told = json.dumps([sendmail, hikyaku])
    asked = [d for d in said if (d['c'] or '')[:4].upper() in ('MAIL', 'RCPT')]
    refused = any(s[:1] in '45' for d in asked for s in d['s']); ours = 'ocal configuration error' in told
    if sum(d['c'][:4].upper() == 'MAIL' for d in asked) > 1: return refused or ours
    return ours and (refused or 'Message delivered to mailing list ' in told or any(report.count('Final-Recipient: ') > 1 for report in re.split('Subject: ', json.dumps(sendmail))))


def without_postmaster(answer):
    """Without the postmaster's copy of a report that has another addressee, and without what a report says where he is the only one."""
    too = re.compile(r'(?mi)^(To: (?!postmaster).*\n)To: postmaster.*\n|^To: postmaster.*\n(?=To: )')
    alone = (('Postmaster notify: see', 'Returned mail: see'), ('(postmaster-notification)', '(failure)'), ('with id <QID>\r\n', ''), ('with id <QID>\n', ''))
    def plain(x):
        if isinstance(x, list): return [plain(v) for v in x if not (isinstance(v, str) and v.startswith('ARGV') and too.search(v.split('\n\n')[0]))]
        if isinstance(x, dict): return {k: v for k, v in ((k, plain(v)) for k, v in x.items()) if v != []}
        if not isinstance(x, str): return x
        x = too.sub(lambda m: m[1] or '', x)
        for of_his, of_others in alone: x = x.replace(of_his, of_others)
        return x
    return plain(answer)


def without_receipts(answer):
    if isinstance(answer, list): return [without_receipts(v) for v in answer]
    if isinstance(answer, dict): return {k: without_receipts(v) for k, v in answer.items()}
    return '' if isinstance(answer, str) and 'Subject: Return receipt' in answer else answer


def several(answer):
    """Whether one host got more than one message: else there is nothing to be in another order, or over more connections."""
    if isinstance(answer, list): return any(several(a) for a in answer)
    if not isinstance(answer, dict): return False
    hosts = [s['to'] for s in answer.get('sent') or () for c in s['commands'] if c.startswith('MAIL')]
    return len(hosts) > len(set(hosts))


def by_message(answer):
    """What was sent on as a list of messages for each host, whatever connection they took and in whichever order: Hikyaku delivers several at once."""
    if isinstance(answer, list): return [by_message(a) for a in answer]
    if not isinstance(answer, dict) or 'sent' not in answer: return answer
    messages = []
    for s in answer['sent']:
        data = iter(s['data']); each = []
        for c in s['commands']:
            if c.startswith('MAIL'): each.append([])
            if each and c not in ('QUIT', '(closed)'): each[-1].append(next(data, None) if c == 'DATA' else c)
        messages += [[s['to'], *m] for m in each] or [s]
    return dict(answer, sent=sorted(messages, key=json.dumps))


MAILQ = re.compile(r'(?ms)(^-----Q-ID.*?\n)(.*?)(?=^\t\tTotal requests)')


def by_priority(text):
    """mailq's messages of one priority in an order of their own: sendmail has them as its directory does (doc/differences.md)."""
    def sort(m):
        each = re.split(r'(?m)^(?=<QID>)', m[2])
        priority = lambda e: int(e.split()[2]) if e.startswith('<QID>') and '-Priority-' in m[1] else 0
        return m[1] + ''.join(sorted(each, key=lambda e: (priority(e), e)))
    return MAILQ.sub(sort, text)


UNSAID = re.compile(r'(?<="rc": 78, "out": ")can not chdir\(/var/spool/mqueue/\): Permission denied\\n')


AGAIN = re.compile(r"(?m)^.*\.\.\. Unbalanced '.'\r?\n")
OF_HEADER = re.compile(r'(?m)^(?:(?:.*\.\.\. )?DNS failure: CNAME loop for \S+|\S+: Name server timeout|.*\.\.\. WARNING: cannot open alias database .*)\r?\n')


EIGHT_BITS = 'Eight bit data not allowed\n'
NO_SPACE = 'Insufficient disk space; try again later\n'
REFUSED_AGAIN = re.compile(r'(?ms)(?<=^' + NO_SPACE[:-1] + r'$).*|(?<=^' + EIGHT_BITS[:-1] + r'$).*')
NO_SPACE_BV = re.compile(r'(?m)(^.*\.\.\. deliverable: .*\n)' + NO_SPACE)


def once(text):
    """A text in which a complaint about quotes and brackets stands once, and without what -v shows of hosts in a header, or of an alias file that is missing."""
    seen = set()
    def first(m): again = m[0] in seen; seen.add(m[0]); return '' if again else m[0]
    return AGAIN.sub(first, OF_HEADER.sub('', text))


def without_again(x):
    """A command's answer without complaints that sendmail has again each time it parses a header, and without what lies in its queue for nobody, or was refused
    for its eight bits or for the disk, of which is said again for every report that was not written either (doc/differences.md)."""
    if isinstance(x, dict):
        refused = any(why in (x.get('out') or '') for why in (EIGHT_BITS, NO_SPACE))
        return {k: v for k, v in ((k, [q for q in v if q['rcpts'] and not refused] if k == 'queue' else without_again(v)) for k, v in x.items()) if v != []}
    if isinstance(x, list): return [without_again(v) for v in x]
    return by_priority(once(REFUSED_AGAIN.sub('\n', NO_SPACE_BV.sub(r'\1', x)))) if isinstance(x, str) else x


def comparable(answer):
    """Without what doc/differences.md lists: a file's empty line after one that had no last end of line, repeated complaints, what one of the two leaves unsaid."""
    return UNSAID.sub('', re.sub(r'("FILE (?:[^"\\]|\\.)*?)(?:\\n)+"', r'\1"', json.dumps(without_again(answer) if isinstance(answer, list) else answer, sort_keys=True)))
