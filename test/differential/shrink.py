"""Makes a case that differs smaller while it still differs."""
import copy


def halves(n):
    """(from, to) of what to drop: large pieces first, then single ones."""
    size = n // 2 or 1
    while size:
        for at in range(0, n, size): yield at, min(at + size, n)
        size //= 2


def texts(case):
    """(holder, key) of every text in a case that may lose characters."""
    if 'in' in case: return [(case['in'], i) for i in range(len(case['in']))]
    if 'args' in case: return [(case['args'], i) for i in range(1, len(case['args']))]
    out = []
    for i, s in enumerate(case['steps']):
        if isinstance(s, str): out.append((case['steps'], i))
        elif 'msg' in s: out.append((s, 'msg'))
        elif 'args' in s: out += [(s['args'], j) for j in range(len(s['args']))] + [(s, 'stdin')]
    return out


def lists(case):
    """Lists in a case that may lose entries."""
    if 'in' in case: return []
    if 'args' in case: return [case['args']]
    return [case['steps']] + [s['args'] for s in case['steps'] if isinstance(s, dict) and 'args' in s]


def ends_its_header(message):
    """A last header line without its newline is a difference of its own (doc/differences.md)."""
    return not message or message.endswith('\n') or '\n\n' in message or message.startswith('\n')


def shrink(case, differs, tries=60):
    """differs(case): does it still? At most `tries` questions."""
    left = [tries]

    def better(candidate):
        if left[0] <= 0: return False
        left[0] -= 1
        return differs(candidate)

    def one_pass(case):
        for which in range(len(lists(case))):
            for a, b in list(halves(len(lists(case)[which]))):
                c = copy.deepcopy(case); del lists(c)[which][a:b]
                if len(lists(c)[which]) < len(lists(case)[which]) and better(c): return c
        for which in range(len(texts(case))):
            holder, key = texts(case)[which]
            unit = '\n' if key in ('msg', 'stdin') else ''   # messages lose lines, the rest characters
            parts = holder[key].split('\n') if unit else list(holder[key])
            for a, b in halves(len(parts)):
                c = copy.deepcopy(case); h, k = texts(c)[which]; h[k] = unit.join(parts[:a] + parts[b:])
                if key == 'stdin' and not ends_its_header(h[k]): continue
                if h[k] != holder[key] and better(c): return c
        return None
    while left[0] > 0:
        smaller = one_pass(case)
        if smaller is None: break
        case = smaller
    return case
