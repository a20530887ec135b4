"""Reads PostgreSQL's statement log and prints a request's statements as a pgbench script, with their parameters as literals.

usage: statements.py COUNT   (the log on standard input holds the same request so many times: what was run as often is its own)
"""

import re
import sys

def entries(lines):
    """Yields (kind, text), continuation lines joined."""
    kind, text = None, ""
    for line in lines:
        found = re.search(r"(LOG|DETAIL|STATEMENT|HINT):  ", line) if not line.startswith(("\t", " ")) else None
        if found:
            if kind:
                yield kind, text
            kind, text = found[1], line[found.end():].rstrip("\n")
        else:
            text += " " + line.strip()
    if kind:
        yield kind, text


def main() -> None:
    statements = []
    for kind, text in entries(sys.stdin):
        execute = re.match(r"execute [^:]*: (.*)", text)
        if kind == "LOG" and execute:
            statements.append(execute[1])
        elif kind == "DETAIL" and text.startswith("parameters: ") and statements:
            values = dict(re.findall(r"\$(\d+) = ('(?:[^']|'')*'|NULL)", text))
            statements[-1] = re.sub(r"\$(\d+)", lambda match: values[match[1]], statements[-1])
    count = int(sys.argv[1])
    for statement in dict.fromkeys(statements):
        # What workers and other services run meanwhile is not of the request.
        if statements.count(statement) == count:
            print(re.sub(r"\s+", " ", statement).strip().rstrip(";") + ";")


if __name__ == "__main__":
    main()
