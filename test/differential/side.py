"""One of the two programs, in the fixed world of the golden records: side.py ROOT SENDMAIL, with HIKYAKU, VERSION, CFDIR as replay_live.py has them.
Reads one request a line from standard input and writes one answer a line, both JSON:
    {"kind": "bt", "cf": "inet", "cases": [{"in": ["3,0 joe"]}, ...]}           -> ["what was printed", ...]
    {"kind": "bv", "cf": "inet", "cases": [{"args": ["-bv", "joe"]}, ...]}      -> [{"out": ..., "rc": ...}, ...]
    {"kind": "smtp", "cf": "inet", "client": "192.0.2.25", "steps": ["EHLO x"]}  -> {"dialogue": [...], "local": [...], "sent": [...], "queue": [...]}
    {"kind": "cli", "cf": "inet", "steps": [{"argv0": "sendmail", ...}]}         -> [{"rc": ..., "out": ..., "err": ..., ...}, ...]
smtp-like and cli-like are smtp and cli, with more of a golden record's fields: options, greet, end; daemon. files is cli, after "tree" was laid (trees.py)."""
import json, os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'golden'))
os.environ['ROOT'], os.environ['SENDMAIL'] = sys.argv[1:3]
import trees, world


def smrsh():
    """What FEATURE(smrsh) of the configuration edge runs: without the restrictions of the real one, which is in neither root."""
    path = world.path('/usr/lib/sm.bin/smrsh'); os.makedirs(os.path.dirname(path), exist_ok=True)
    if not os.path.lexists(path): os.symlink('/bin/sh', path)


class Side:
    def __init__(self, live, replay, replay_live):
        self.live, self.replay, self.form = live, replay, replay_live.by_form
        world.setup(peer=True); live.recorders(); smrsh(); self.sink = live.Sink(); self.sink.start(); self.laid = self.daemon = None

    def want(self, cf, daemon):
        """The configuration laid out, with its daemon, called with these options, or (None) without one."""
        if (cf, daemon) == self.laid: return
        if self.daemon: self.daemon.stop(); self.daemon = None
        world.install(cf); self.laid = (cf, daemon)
        if cf == 'sasl': self.live.sasl_setup()
        if daemon is not None: self.daemon = self.live.Daemon(daemon)

    def nothing_left(self): self.live.local_deliveries(); self.sink.take(); self.live.clear_queue()

    def forget_files(self):
        self.laid = None
        if os.path.exists(world.path('/home/eric/.forward')): os.unlink(world.path('/home/eric/.forward'))

    def answer(self, q):
        live = q['kind'].partition('-')[0]
        self.want(q['cf'], q.get('options', ['-ODeliveryMode=i']) if live == 'smtp' or q.get('daemon') else None)
        if q['kind'] == 'bt': return self.replay.run_bt(q['cases'])
        if q['kind'] == 'bv': return self.replay.run_bv(q['cases'])
        self.nothing_left()
        if live == 'files':
            trees.lay(q['tree']); got = [self.form(self.live.cli_step(step, self.sink)) for step in q['steps']]
            trees.clear(); self.laid = None
            return got
        if live == 'cli':
            got = [self.form(self.live.cli_step(step, self.sink)) for step in q['steps']]
            if q['cf'] == 'msp':   # what waits there is in sendmail's clientmqueue, which the records do not show
                for step in got: step.pop('queue', None)
            if any('files' in step for step in q['steps']): self.forget_files()
            return got
        said = self.live.dialogue(q['client'], q['steps'], q.get('greet', True), q.get('end', True)); self.live.settle(self.sink)
        return dict(self.form(self.live.results(self.sink, True)), dialogue=said)


def main():
    world.enter()
    answers = os.fdopen(os.dup(1), 'w', errors='surrogateescape'); os.dup2(2, 1)   # what the world prints is for a reader, not an answer
    import live, replay, replay_live
    side = Side(live, replay, replay_live)
    for line in sys.stdin: answers.write(json.dumps(side.answer(json.loads(line))) + '\n'); answers.flush()
    if side.daemon: side.daemon.stop()


if __name__ == '__main__':
    main()
