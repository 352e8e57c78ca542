"""Delivery reports end to end: R1 failure, R2 delay and return after time, R3 success with RET and ENVID (RFC 3461, 3464)."""
import email

from common import expect, holds, say, stock


def parts(report):
    """(text, fields of the message, fields of each recipient, the returned part) of a delivery report."""
    expect(report.get_content_type() == 'multipart/report' and report.get_param('report-type') == 'delivery-status', 'a multipart/report', report)
    text, status, back = report.get_payload(); expect(status.get_content_type() == 'message/delivery-status', 'its second part', status)
    return text.get_payload(), status.get_payload()[0], status.get_payload()[1:], back


def hosts(net, *more):
    far = net.node('far.example', '192.0.2.1', users=('ann',)); mail = net.node('mail.example.com', '192.0.2.2', users=('joe', 'sue'))
    far.configure(stock()); mail.configure(stock(*more)); far.start(); mail.start('-q1s') if more else mail.start()
    return mail, far


def R1(net):
    """A failure's report: mutt and mail read it, Python's email parses it, flufl.bounce finds the address in it."""
    mail, far = hosts(net)
    mail.run('mutt', '-s', 'for nobody', 'nobody.there@far.example', 'ann@far.example', user='joe', text='the text\n', check=True)
    report = net.wait(lambda: mail.mailbox('joe'), 'the report')[0]; net.wait(lambda: len(far.mailbox('ann')) == 1, 'the copy that arrived')
    text, about, rcpts, back = parts(report)
    expect(about['Reporting-MTA'] == 'dns; mail.example.com' and about['Arrival-Date'], 'about the message', about); expect(len(rcpts) == 1, 'of the one that failed', rcpts)
    r = rcpts[0]; expect((r['Action'], r['Status']) == ('failed', '5.1.1') and r['Final-Recipient'].lower() == 'rfc822; nobody.there@far.example', 'the recipient', r)
    expect(r['Remote-MTA'].lower() == 'dns; far.example' and r['Diagnostic-Code'].startswith('SMTP; 550 5.1.1') and r['Last-Attempt-Date'], 'what the remote said', r)
    expect(back.get_content_type() == 'message/rfc822' and back.get_payload(0).get_payload().strip() == 'the text', 'the whole message came back', back)
    holds(text, r'nobody\.there@far\.example', r'User unknown'); expect(report['Auto-Submitted'].startswith('auto-') and report['Return-Path'] == '<MAILER-DAEMON>' or report['Return-Path'] == '<>', 'nobody answers it', report)
    shown = mail.run('mail', '-f', '/var/mail/joe', user='joe', text='p 1\nx\n').stdout; holds(shown, r'Subject: Returned mail', r'Status: 5\.1\.1')
    mail.run('mutt', '-f', '/var/mail/joe', '-e', 'set quit=yes wait_key=no confirmappend=no', '-e', 'push "<copy-message>/home/joe/copy<enter><enter><quit>"', user='joe', env=('TERM=vt100',), seconds=20)
    copied = email.message_from_string(mail.read('/home/joe/copy').split('\n', 1)[1]) if mail.read('/home/joe/copy') else None
    if copied: expect(parts(copied)[2][0]['Status'] == '5.1.1', 'as mutt copied it')
    script = 'import email,sys\nfrom flufl.bounce import all_failures\nprint(all_failures(email.message_from_binary_file(open("/var/mail/joe","rb"))))'
    got = mail.run('/usr/bin/python3', '-c', script)
    if got.returncode == 0: expect('nobody.there@far.example' in got.stdout, 'what flufl.bounce finds', got.stdout)


def R2(net):
    """What cannot be sent yet: a warning after Timeout.queuewarn, the message back after Timeout.queuereturn."""
    mail, far = hosts(net, "define(`confTO_QUEUEWARN', `2s')", "define(`confTO_QUEUERETURN', `6s')")
    far.cut()
    mail.run('mail', '-s', 'late', 'ann@far.example', user='joe', text='the text\n', check=True)
    warning = net.wait(lambda: mail.mailbox('joe'), 'the warning', 30)[0]; text, about, rcpts, back = parts(warning)
    holds(warning['Subject'], r'^Warning: could not send message for past '); r = rcpts[0]
    expect((r['Action'], r['Status'][0]) == ('delayed', '4') and r['Will-Retry-Until'], 'delayed', r); holds(text, r'THIS IS A WARNING MESSAGE ONLY', r'YOU DO NOT NEED TO RESEND YOUR MESSAGE')
    expect(len(mail.queued()) == 1, 'it still waits')
    returned = net.wait(lambda: len(mail.mailbox('joe')) == 2 and mail.mailbox('joe')[1], 'the return', 40); _, _, rcpts, back = parts(returned)
    holds(returned.as_string(), r'(Message could not be delivered|Cannot send message) for \d+ seconds?'); r = rcpts[0]; expect((r['Action'], r['Status']) == ('failed', '4.4.7'), 'failed', r)
    expect('the text' in str(back), 'the message'); net.wait(lambda: mail.queued() == [], 'an empty queue'); expect(len(mail.mailbox('joe')) == 2, 'one warning only')


def R3(net):
    """NOTIFY=SUCCESS, RET=HDRS and ENVID go from client through the relay to the last host and come back; NEVER and RET=FULL too."""
    mail, far = hosts(net)
    text = 'From: joe@mail.example.com\r\nTo: ann@far.example\r\nSubject: %s\r\n\r\nthe text\r\n'

    def send(rcpt, subject, mail_words, rcpt_words):
        with mail.smtp(mail) as s:
            s.ehlo(); expect('dsn' in s.esmtp_features, 'DSN is offered')
            for line, code in (('MAIL FROM:<joe@mail.example.com> ' + mail_words, 250), ('RCPT TO:<%s> %s' % (rcpt, rcpt_words), 250)): expect(say(s, line)[0] == code, line)
            s.data(text % subject)
    send('ann@far.example', 'relayed', 'RET=HDRS ENVID=QQ+2B314159', 'NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Ann+2Bx@elsewhere.example')
    net.wait(lambda: len(far.mailbox('ann')) == 1, 'the message'); report = net.wait(lambda: mail.mailbox('joe'), 'the report')[0]
    _, about, rcpts, back = parts(report); r = rcpts[0]
    expect(about['Original-Envelope-Id'] == 'QQ+314159' and about['Reporting-MTA'] == 'dns; far.example', 'the envelope id, told by the last host', about)
    expect(r['Action'].split()[0] == 'delivered' and r['Status'].startswith('2.'), 'delivered', r); expect(r['Original-Recipient'] == 'rfc822;Ann+x@elsewhere.example', 'ORCPT', r)
    expect(back.get_content_type() == 'text/rfc822-headers' and 'the text' not in str(back), 'RET=HDRS', back)
    send('nobody.there@far.example', 'never', 'RET=FULL', 'NOTIFY=NEVER'); send('nobody.there@far.example', 'full', 'RET=FULL ENVID=second', 'NOTIFY=FAILURE'); send('nobody.there@far.example', 'hdrs', 'RET=HDRS ENVID=third', 'NOTIFY=FAILURE')
    got = net.wait(lambda: len(mail.mailbox('joe')) == 3 and mail.mailbox('joe'), 'the two failures'); by_id = {parts(m)[1]['Original-Envelope-Id']: parts(m)[3] for m in got}
    expect(by_id['second'].get_content_type() == 'message/rfc822' and 'the text' in str(by_id['second']), 'RET=FULL', by_id['second']); expect('the text' not in str(by_id['third']), 'RET=HDRS', by_id['third'])
    mail.run('sendmail', '-N', 'success', '-R', 'hdrs', '-V', 'cmd-1', 'ann@far.example', user='sue', text='Subject: by command\n\nthe text\n', check=True)
    _, about, rcpts, back = parts(net.wait(lambda: mail.mailbox('sue'), 'the report on the command')[0]); expect(about['Original-Envelope-Id'] == 'cmd-1' and rcpts[0]['Action'].startswith('delivered') and 'the text' not in str(back), '-N -R -V', about)
    net.wait(lambda: mail.queued() == [] and far.queued() == [], 'empty queues'); expect(len(mail.mailbox('joe')) == 3, 'NOTIFY=NEVER')
