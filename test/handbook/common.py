"""What the Handbook's cases share: a stock host's .mc, and how a failed expectation speaks."""
import re

# A stock host: every file of /etc/mail that the Handbook names, mailboxes by the agent itself. Cases add lines before MAILER.
STOCK = """VERSIONID(`a host of the Handbook')
OSTYPE(freebsd6)
DOMAIN(generic)
FEATURE(access_db, `hash -o -T<TMPF> /etc/mail/access')
FEATURE(mailertable, `hash -o /etc/mail/mailertable')
FEATURE(virtusertable, `hash -o /etc/mail/virtusertable')
define(`confCW_FILE', `-o /etc/mail/local-host-names')
define(`LOCAL_MAILER_PATH', `[mbox]')
define(`LOCAL_MAILER_FLAGS', `9PSmn')
define(`LOCAL_MAILER_ARGS', `mbox /var/mail/$u')
define(`confTO_ICONNECT', `5s')
%s
MAILER(local)
MAILER(smtp)
"""


def stock(*more): return STOCK % '\n'.join(more)


def expect(fact, what, *more):
    if not fact: raise AssertionError('%s\n%s' % (what, '\n'.join(str(m) for m in more)))


def holds(text, *wanted):
    """Every one of the regular expressions is found."""
    for w in wanted: expect(re.search(w, text), 'not found: ' + w, text)


def say(smtp, line):
    """(code, text) of the answer to one line."""
    code, text = smtp.docmd(line); return code, text.decode()
