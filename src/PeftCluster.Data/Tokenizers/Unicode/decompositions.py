"""Writes decompositions.txt: what NFC, NFD, NFKC and NFKD need of the Unicode Character Database, as Python's unicodedata has it.

usage: decompositions.py > decompositions.txt

A line is one of
  CCC FIRST LAST      combining class of a range of code points
  = POINT PARTS...    canonical decomposition, which NFC takes back
  - POINT PARTS...    canonical decomposition, which NFC does not take back
  ~ POINT PARTS...    compatibility decomposition
all but the class in hexadecimal. Hangul syllables are computed and left out, and so is what Unicode 12 and later added: the library
that ids have to agree with (unicode-normalization-alignments 0.1.12) does not know it.
"""
import sys, unicodedata as u

LATER = {0x32FF, 0xAB69, 0x11938, 0x1F16C, *range(0xA7F2, 0xA7F5), *range(0x10780, 0x107BB), *range(0x1FBF0, 0x1FBFA)}

print(f"# Unicode {u.unidata_version}")
ranges = []
for c in range(0x110000):
    k = u.combining(chr(c))
    if k and ranges and ranges[-1][0] == k and ranges[-1][2] == c - 1: ranges[-1][2] = c
    elif k: ranges.append([k, c, c])
for k, first, last in ranges: print(f"{k} {first:X} {last:X}")
for c in range(0x110000):
    d = u.decomposition(chr(c)).split()
    if not d or c in LATER or 0xAC00 <= c <= 0xD7A3: continue
    if d[0].startswith("<"): mark, d = "~", d[1:]
    else: mark = "=" if len(d) == 2 and u.normalize("NFC", "".join(chr(int(p, 16)) for p in d)) == chr(c) else "-"
    print(mark, f"{c:X}", *(f"{int(p, 16):X}" for p in d))
