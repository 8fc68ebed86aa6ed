#!/usr/bin/env python3
"""Count the tests that were skipped, by reason.

    python3 scripts/skipped_tests.py LastTest.log...

Reads what ctest keeps of the output of GoogleTest and pytest, and of programs that say it as pytest
does: "SKIPPED [1] place: reason".
"""
import collections
import re
import sys

PYTEST = re.compile(r"SKIPPED \[(?P<count>\d+)\] (?P<place>\S+): (?P<reason>.*)")
GOOGLETEST = re.compile(r"\S+:\d+: Skipped$")
GOOGLETEST_NAME = re.compile(r"\[  SKIPPED \] (?P<name>\S+)(?:, where .*)? \(\d+ ms\)")


def skipped(lines):
    """(reason, name of the test or place in a file, how many) of each."""
    reason = None
    for line in lines:
        line = line.rstrip("\n")
        if found := PYTEST.match(line):
            yield found["reason"], found["place"], int(found["count"])
        elif GOOGLETEST.match(line):
            reason = ""
        elif found := GOOGLETEST_NAME.match(line):
            yield reason or "no reason given", found["name"], 1
            reason = None
        elif reason is not None:
            reason = (reason + " " + line).strip()


def main(paths):
    names = collections.defaultdict(list)
    counts = collections.Counter()
    for path in paths:
        with open(path, encoding="utf-8", errors="replace") as file:
            for reason, name, count in skipped(file):
                names[reason].append(name)
                counts[reason] += count
    print("%d skipped, for %d reasons" % (sum(counts.values()), len(counts)))
    for reason, count in counts.most_common():
        print("%5d  %s\n       %s" % (count, reason, ", ".join(dict.fromkeys(names[reason]))))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
