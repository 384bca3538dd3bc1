# SPDX-License-Identifier: GPL-2.0-or-later
"""python3 schema.py DOC OBJECT <JSON: the same as schema.jq, with Python's json module, which
distinguishes integers from floats and detects duplicate keys. The input is one JSON value per
line, or a single one."""
import json
import re
import sys


def objects_read(path):
    objects, at = {}, None
    for line in open(path, encoding="utf-8"):
        heading = re.match(r"### `([a-z_]+)`", line)
        row = re.match(r"\| `([a-z_]+)` \| ([^|]+) \|", line)
        if line.startswith("#"):
            at = objects.setdefault(heading[1], {}) if heading else None
        elif row and at is not None:
            at[row[1]] = row[2]
    return objects


def is_integer(value):
    return type(value) is int


SIMPLE = {
    "integer": is_integer,
    "integer or null": lambda v: v is None or is_integer(v),
    "string": lambda v: type(v) is str and v.encode("utf-8") is not None,
    "string or null": lambda v: v is None or type(v) is str,
    "boolean": lambda v: type(v) is bool,
    "address": lambda v: type(v) is str and re.fullmatch("0x[0-9a-f]+", v),
    "integers by node": lambda v: type(v) is dict and v and all(
        k.isdecimal() and is_integer(n) for k, n in v.items()),
}


def wrong(objects, kind, value, at):
    if kind.endswith("` or null"):
        if value is not None:
            yield from wrong(objects, kind.removesuffix(" or null"), value, at)
    elif kind.startswith("list of "):
        if type(value) is not list:
            yield f"{at}: no list"
            return
        for i, element in enumerate(value):
            yield from wrong(objects, kind[8:], element, f"{at}[{i}]")
    elif kind.startswith("`"):
        known = objects[kind.strip("`")]
        if type(value) is not dict or value.keys() != known.keys():
            yield f"{at}: has not the keys of {kind}: {value}"
            return
        for key in known:
            yield from wrong(objects, known[key], value[key], f"{at}.{key}")
    elif not SIMPLE[kind](value):
        yield f"{at}: no {kind}: {value!r}"


def unique(pairs):
    if len(dict(pairs)) != len(pairs):
        raise ValueError(f"duplicate key: {pairs}")
    return dict(pairs)


def main(doc, root):
    text = sys.stdin.buffer.read().decode("utf-8")
    texts = text.splitlines() if root == "page" else [text]
    objects = objects_read(doc)
    bad = [line for text in texts for line in wrong(
        objects, f"`{root}`", json.loads(text, object_pairs_hook=unique), root)]
    print("\n".join(bad), end="")
    return 1 if bad or not texts else 0


sys.exit(main(*sys.argv[1:]))
