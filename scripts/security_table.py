#!/usr/bin/env python3
"""Turn results of the attack suite into docs/security_cases.md.

    sandbox_tests --gtest_output=json:RESULT.json
    python3 scripts/security_table.py WORDS=RESULT.json ... > docs/security_cases.md

WORDS say how that run was made, such as "as root". The first is the table; of each other only what
came of it is said. scripts/test_attacks.sh makes them all.
"""

import json
import re
import sys

MODES = ("fresh", "warm", "branched")
NAME = re.compile(r"Case(?P<number>\d+)_(?P<words>\w+)/(?P<mode>\w+)")

HEAD = """# What attacks come to

Made by `scripts/test_attacks.sh`; the cases are in `tests/sandbox/`. *fresh*: each run in a sandbox of
its own. *warm*: all of its cells in a process forked from a worker that had run none. *branched*: the
last cell in a process forked from a snapshot of the cells before it. "held" means that the attack got
nothing, that its run was judged rightly, and that afterwards the controller ran the next notebook,
files and mounts of the host were as before, no process was left, and a sibling found variables and
files as they were before the attack. After warm runs, what they were forked from was still there.

| Suite | held | not shown | failed |
|---|---|---|---|
"""

CASES_HEAD = """
| Case | What is tried | fresh | warm | branched |
|---|---|---|---|---|"""


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
    lines = [CASES_HEAD]
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


def totals(words, result):
    verdicts = [verdict_of(test, []).split(" [")[0] for *_, test in cases(result)]
    counts = [verdicts.count(verdict) for verdict in ("held", "not shown", "**failed**")]
    return "| %s | %s |\n" % (words, " | ".join(map(str, counts)))


def summary(result):
    """All that did not hold, by what came of it."""
    notes = []
    others = {}
    for _, words, mode, test in cases(result):
        verdict = verdict_of(test, notes)
        if verdict != "held":
            others.setdefault(verdict.split(" [")[0], {}).setdefault(words_of(words), []).append(mode)
    if not others:
        return "all held."
    parts = []
    for verdict, names in sorted(others.items()):
        listed = ("%s (%s)" % (name.lower(), ", ".join(modes)) for name, modes in names.items())
        parts.append("%s: %s" % (verdict, ", ".join(listed)))
    parts += ["because %s" % note for note in notes]
    return "; ".join(parts) + "."


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


if __name__ == "__main__":
    runs = [argument.rpartition("=")[::2] for argument in sys.argv[1:]]
    if not runs or not all(words for words, _ in runs):
        sys.exit(__doc__)
    runs = [(words, read(path)) for words, path in runs]
    sys.stdout.write(HEAD)
    for words, result in runs:
        sys.stdout.write(totals(words, result))
    print("\nEach case, %s:" % runs[0][0])
    sys.stdout.write(table(runs[0][1]))
    if runs[1:]:
        print("\n## Otherwise\n")
        for words, result in runs[1:]:
            print("- %s: %s" % (words.capitalize(), summary(result)))
