#!/usr/bin/env python3
"""check_coawait.py [SRC]: GCC 12 miscompiles co_await in conditions, beside capturing lambdas, `?:` and braced lists, without a
warning (style rules 18, 19). This refuses them; prints file:line and exits 1. It cannot see aggregate temporaries: ASan must."""
import os, re, sys

KEYWORD = re.compile(r"\b(if|while|switch|for)\s*\(")
LAMBDA = re.compile(r"\[[^\]]*\w[^\]]*\]\s*(\(|\{|mutable)")


def blank(m):
    return re.sub(r"[^\n]", " ", m[0])


def in_condition(before):
    """Whether the end of this statement's beginning lies inside the parentheses of an if, while, switch or for."""
    for m in KEYWORD.finditer(before):
        rest = before[m.end():]
        depth = 1
        for c in rest:
            depth += (c == "(") - (c == ")")
            if depth == 0:
                break
        if depth > 0:
            return True
    return False


def offences(text):
    text = re.sub(r"""//[^\n]*|/\*.*?\*/|"(\\.|[^"\\\n])*"|'(\\.|[^'\\\n])'""", blank, text, flags=re.S)
    for m in re.finditer(r"\bco_await\b", text):
        start = max(text.rfind(c, 0, m.start()) for c in ";{}") + 1
        before, after = text[start:m.start()], text[m.start():text.find(";", m.end())]
        line = text.count("\n", 0, m.start()) + 1
        if in_condition(before):
            yield line, "co_await in a condition"
        if LAMBDA.search(after):
            yield line, "capturing lambda in a co_await expression"
        if "?" in before + after:
            yield line, "?: in a co_await expression"
        if re.search(r"[(,]\s*\{", after):
            yield line, "braced list in a co_await expression"


src = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "src")
bad = 0
for base, dirs, files in os.walk(src):
    for name in sorted(files):
        if name.endswith((".h", ".cc")):
            for line, why in offences(open(os.path.join(base, name), errors="replace").read()):
                print(f"{base}/{name}:{line}: {why}"); bad = 1
sys.exit(bad)
