#!/usr/bin/env python3
"""check_layers.py [SRC]: a folder of src includes only from lines above its own in layers.txt, and from itself.
Prints each offence as file:line and exits 1. Test files may include test helpers of any lower folder, nothing higher either."""
import os, re, sys

src = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "src")
rank = {}
for n, line in enumerate(open(os.path.join(src, "layers.txt"))):
    for folder in line.split("#")[0].split():
        rank[folder] = n
bad = 0
for base, dirs, files in os.walk(src):
    folder = os.path.relpath(base, src).split(os.sep)[0]
    for name in files:
        if not name.endswith((".h", ".cc", ".def")):
            continue
        if folder not in rank:
            print(f"{base}/{name}: folder {folder} is not in layers.txt"); bad = 1; continue
        for i, line in enumerate(open(os.path.join(base, name), errors="replace"), 1):
            m = re.match(r'\s*#\s*include\s+"([^/"]+)/', line)
            if not m or m[1] == folder:
                continue
            if m[1] not in rank:
                if os.path.isdir(os.path.join(src, m[1])):
                    print(f"{base}/{name}:{i}: folder {m[1]} is not in layers.txt"); bad = 1
            elif rank[m[1]] >= rank[folder]:
                print(f"{base}/{name}:{i}: {folder} must not include from {m[1]}"); bad = 1
sys.exit(bad)
