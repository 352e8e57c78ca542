"""What one of the two leaves in its queue, or has there in place of something else: part of accepted.py. Each stands in doc/differences.md."""
import re

LOOP = 'mail loops back to me'
DEEP = re.compile(r'(?m)^554 5\.4\.6 aliasing/forwarding loop broken \(\d+ aliases deep; \d+ max\)\r?\n')
DAEMON = 'MAILER-DAEMON'


def without_left_over(sendmail, hikyaku):
    """Both answers without what they differ in so; of a command line step by step."""
    if isinstance(sendmail, list) and isinstance(hikyaku, list) and len(sendmail) == len(hikyaku):
        each = [without_left_over(s, h) for s, h in zip(sendmail, hikyaku)]
        return [s for s, _ in each], [h for _, h in each]
    if not (isinstance(sendmail, dict) and isinstance(hikyaku, dict)): return sendmail, hikyaku
    for rule in (without_quarantined, without_early, without_waiting): sendmail, hikyaku = rule(sendmail, hikyaku)
    return sendmail, hikyaku


def queue(answer): return answer.get('queue') or []
def waiting(answer): return [q for q in queue(answer) if q['sender'] == DAEMON]
def without(answer, entries): return dict(answer, queue=[q for q in queue(answer) if q not in entries])


def without_quarantined(sendmail, hikyaku):
    """A quarantined message with too many hops: sendmail has its report there, quarantined, in its place."""
    kept, reports = ([q for q in some if q['quarantine']] for some in (queue(hikyaku), waiting(sendmail)))
    if not kept or len(kept) != len(reports): return sendmail, hikyaku
    return without(sendmail, reports), without(hikyaku, kept)


def without_early(sendmail, hikyaku):
    """DeliveryMode=d: a report to an address that asks no DNS is sent at once by sendmail."""
    to = lambda s: {c[len('RCPT To:<'):-1] for c in s['commands'] if c.startswith('RCPT To:<') and '@[' in c}
    later = [q for q in waiting(hikyaku) if q['rcpts'] and q not in queue(sendmail) and any(set(q['rcpts']) == to(s) for s in sendmail.get('sent') or ())]
    if not later: return sendmail, hikyaku
    sent = [s for s in sendmail['sent'] if not any(to(s) == set(q['rcpts']) for q in later)]
    return dict(sendmail, sent=sent, queue=queue(sendmail)), dict(without(hikyaku, later), sent=hikyaku.get('sent') or [])


def without_waiting(sendmail, hikyaku):
    """A report that sendmail leaves: a part of one to several queue groups, which its addressee here has; one that was sent, and an alias of its addressees leads
    too deep; one whose last addressee is not reached either, for a loop."""
    deep = DEEP.search('\n'.join(d for s in sendmail.get('sent') or () for d in s['data'])); loops = any(LOOP in m for m in sendmail.get('local') or ())
    left = [q for q in waiting(sendmail) if q not in queue(hikyaku) and (q['group'] or deep or loops)]
    if not left: return sendmail, hikyaku
    sendmail, hikyaku = without(sendmail, left), without(hikyaku, [])
    waits = [r for q in left if q['group'] for r in q['rcpts']]
    def his(m): words = m.split('\n')[0].split(); return DAEMON in words and words[-1] in waits and m not in (sendmail.get('local') or ())
    if waits: sendmail = dict(sendmail, local=sendmail.get('local') or []); hikyaku = dict(hikyaku, local=[m for m in hikyaku.get('local') or () if not his(m)])
    def shallow(x): return dict(x, sent=[dict(s, data=[DEEP.sub('', d) for d in s['data']]) for s in x.get('sent') or ()])
    return (shallow(sendmail), shallow(hikyaku)) if deep else (sendmail, hikyaku)
