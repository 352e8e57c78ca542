#!/usr/bin/env python3
"""An LMTP (or SMTP) server on standard input and output: lmtpd.py FOLDER. What it hears goes into FOLDER/heard, messages with it. Files in
FOLDER make it odd: hang (says nothing), wait (the message has no answer before that file is gone), smtp (one answer to the message); users
called `unknown` and `full` are refused, at RCPT and after the message."""
import os, sys, time

folder = sys.argv[1]
heard = open(os.path.join(folder, 'heard'), 'a')


def there(name): return os.path.exists(os.path.join(folder, name))


def say(*lines): sys.stdout.write(''.join(l + '\r\n' for l in lines)); sys.stdout.flush()


def answers(rcpts):
    while there('wait'): time.sleep(0.02)
    if there('smtp'): return ['250 2.0.0 taken']
    return ['552 5.2.2 over quota' if r.startswith('full') else '250 2.1.5 %s has it' % r for r in rcpts]


def main():
    heard.write('start %d\n' % os.getpid()); heard.flush()
    while there('hang'): time.sleep(0.02)
    say('220 lmtpd ready'); rcpts = []
    for line in iter(sys.stdin.readline, ''):
        line = line.rstrip('\r\n'); heard.write(line + '\n'); heard.flush(); word = line[:4].upper()
        if word in ('LHLO', 'EHLO'): say('250-lmtpd', '250-SIZE 100000', '250-8BITMIME', '250-ENHANCEDSTATUSCODES', '250 DSN')
        elif word == 'MAIL': rcpts = []; say('250 2.1.0 ok')
        elif word == 'RCPT':
            user = line[line.index('<') + 1:line.index('>')].split('@')[0]
            if user == 'unknown': say('550 5.1.1 nobody here'); continue
            rcpts.append(user); say('250 2.1.5 ok')
        elif word == 'DATA':
            say('354 go')
            for text in iter(sys.stdin.readline, ''):
                heard.write('| ' + text.rstrip('\r\n') + '\n')
                if text == '.\r\n': break
            else: break
            heard.flush(); say(*answers(rcpts))
        elif word == 'QUIT': say('221 2.0.0 bye'); break
        else: say('250 2.0.0 ok')
    heard.write('end\n')


main()
