#!/usr/bin/env python3
"""Turn results of the attack suite into docs/security_cases.md.

    sandbox_tests --gtest_output=json:result.json
    python3 scripts/security_table.py result.json [WORDS=OTHER.json ...] > docs/security_cases.md

The first is the table; of each other only what came of it is said, under its WORDS, such as
"an ordinary user".
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


def cases(result):
    """(number, words, mode, test) of each attack."""
    for suite in result["testsuites"]:
        for test in suite["testsuite"]:
            found = NAME.fullmatch(test["name"])
            if found:
                yield int(found["number"]), found["words"], found["mode"], test


def table(result):
    rows = {}
    notes = []
    for number, words, mode, test in cases(result):
        rows.setdefault((number, words), {})[mode] = test
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


def summary(result):
    notes = []
    verdicts = [(verdict_of(test, notes), words, mode) for _, words, mode, test in cases(result)]
    held = sum(verdict == "held" for verdict, _, _ in verdicts)
    text = "%d of %d held" % (held, len(verdicts))
    text += "".join("; %s (%s): %s" % (words_of(words).lower(), mode, verdict.split(" [")[0])
                    for verdict, words, mode in verdicts if verdict != "held")
    return text + "".join("; not shown because %s" % note for note in notes) + "."


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.stdout.write(table(read(sys.argv[1])))
    others = [argument.rpartition("=") for argument in sys.argv[2:]]
    if others:
        print("\n## Otherwise\n")
        for words, _, path in others:
            print("- %s: %s" % (words, summary(read(path))))
