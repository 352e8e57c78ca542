"""Both ends of a load: Conversation speaks SMTP to the host under test, Hop is the next hop that takes its mail."""
import socket, threading

TEXT = b'From: <a@src.test>\r\nTo: <b@dst.test>\r\nSubject: load\r\n\r\n' + (b'x' * 70 + b'\r\n') * 56 + b'.\r\n'   # 4 KiB


class Conversation:
    """SMTP without ceremony: a command, its whole reply."""
    def __init__(self, port):
        self.s = socket.create_connection(('127.0.0.1', port), 20); self.s.settimeout(60); self.f = self.s.makefile('rb'); self.reply(b'220'); self.say(b'EHLO load.test\r\n', b'250')

    def reply(self, want):
        while True:
            line = self.f.readline()
            if line[3:4] != b'-': break
        if not line.startswith(want): raise OSError('%r' % line)

    def say(self, line, want): self.s.sendall(line); self.reply(want)

    def message(self, rcpt, sender=b'a@localhost'):
        self.say(b'MAIL FROM:<%s>\r\n' % sender, b'250'); self.say(b'RCPT TO:<%s>\r\n' % rcpt, b'250')
        self.say(b'DATA\r\n', b'354'); self.say(TEXT, b'250')


class Hop(threading.Thread):
    """The next hop, when it is there: counts its recipients."""
    def __init__(self, port): super().__init__(daemon=True); self.s = socket.create_server(('127.0.0.1', port), backlog=256); self.got = {}; self.count = 0; self.lock = threading.Lock()

    def run(self):
        while True: c, _ = self.s.accept(); threading.Thread(target=self.serve, args=(c,), daemon=True).start()

    def serve(self, c):
        f = c.makefile('rb'); c.sendall(b'220 hop.test ESMTP\r\n'); rcpt = b''
        try:
            for line in f:
                word = line[:4].upper()
                if word == b'EHLO': c.sendall(b'250-hop.test\r\n250 PIPELINING\r\n')
                elif word == b'RCPT': rcpt = line; c.sendall(b'250 ok\r\n')
                elif word == b'DATA':
                    c.sendall(b'354 go\r\n')
                    while f.readline() not in (b'.\r\n', b''): pass
                    with self.lock: self.got[rcpt] = self.got.get(rcpt, 0) + 1; self.count += 1
                    c.sendall(b'250 2.0.0 ok\r\n')
                else: c.sendall(b'250 ok\r\n')
        except OSError: pass
