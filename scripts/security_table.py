#!/usr/bin/env python3
"""Turn the result of the attack suite into the table of docs/security_cases.md.

    sandbox_tests --gtest_output=json:result.json
    python3 scripts/security_table.py result.json > docs/security_cases.md
"""

import json
import re
import sys

MODES = ("fresh", "branched")
NAME = re.compile(r"Case(?P<number>\d+)_(?P<words>\w+)/(?P<mode>\w+)")

HEAD = """# What attacks come to

Made by `scripts/security_table.py` from a run of the tests with the label `sandbox`; the cases are
in `tests/sandbox/`. *fresh*: each run in a sandbox of its own. *branched*: in a process forked from
a snapshot of the cells before it. "held" means that the attack got nothing, that its run was judged
rightly, and that afterwards the controller ran the next notebook, files and mounts of the host were
as before, no process was left, and a sibling found variables and files as the snapshot had them.

| Case | What is tried | fresh | branched |
|---|---|---|---|"""


def words_of(name):
    """"KillingTheReaper" -> "killing the reaper"; abbreviations of the name stay."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower().capitalize()


def verdict_of(test, notes):
    if test.get("failures"):
        return "**failed**"
    if test["result"] == "SKIPPED":
        reason = test.get("reason", "the output of the run says why").strip()
        if reason not in notes:
            notes.append(reason)
        return f"not shown [{notes.index(reason) + 1}]"
    return "held" if test["result"] == "COMPLETED" else "not run"


def table(result):
    rows = {}
    notes = []
    for suite in result["testsuites"]:
        for test in suite["testsuite"]:
            found = NAME.fullmatch(test["name"])
            if found:
                key = (int(found["number"]), found["words"])
                rows.setdefault(key, {})[found["mode"]] = test
    lines = [HEAD]
    for (number, words), modes in sorted(rows.items()):
        cells = [verdict_of(modes[mode], notes) if mode in modes else "-" for mode in MODES]
        lines.append(f"| {number} | {words_of(words)} | " + " | ".join(cells) + " |")
    missing = sorted(set(range(1, 45)) - {number for number, _ in rows})
    if missing:
        lines += ["", "Not among the tests: " + ", ".join(map(str, missing)) + "."]
    if notes:
        lines += ["", "Not shown, because:", ""]
        lines += [f"{number}. {note}" for number, note in enumerate(notes, 1)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        sys.stdout.write(table(json.load(file)))
