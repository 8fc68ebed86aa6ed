#!/usr/bin/env python3
"""Puts the result of `nbreplay doctor --snapshots --json` into the documentation.

    snapshot_table.py RESULT.json docs/snapshots.md

Replaces what stands between the two marks in the document; prints the counts.
"""
import collections
import json
import pathlib
import sys

BEGIN, END = "<!-- libraries: begin -->", "<!-- libraries: end -->"


def result(probe):
    if probe["verdict"] == "safe":
        return "safe: %d children, %d grandchildren" % (probe["children"], probe["grandchildren"])
    if probe["verdict"] == "unsafe":
        return "**unsafe**: " + probe["detail"]
    if probe["verdict"] == "tainted" and probe["children"]:
        return "child right, then tainted"
    return probe["verdict"]


def forced(probe):
    if not probe["forced"]:
        return ""
    return "failed" if probe["forced_failed"] else "no harm seen in %d" % probe["forced"]


def plain(text):
    return text.replace("|", "\\|").replace("\n", " ")


def reasons(probe, most=3):
    found = probe["hazards"]
    if probe["verdict"] not in ("safe", "tainted", "unsafe"):
        found = [probe["detail"] or ""]
    more = ["%d more" % (len(found) - most)] if len(found) > most else []
    return plain("; ".join(found[:most] + more))


def table(document):
    snapshots = document["doctor"]["snapshots"]
    probes = [p for p in snapshots["probes"] if p["verdict"] != "not installed"]
    counts = collections.Counter(p["verdict"] for p in probes)
    needless = sum(1 for p in probes if p["forced"] and not p["forced_failed"])
    lines = ["Python %s, %d repeats each: %s. Of the tainted ones %d did no harm when they were "
             "forked all the same." % (
                 snapshots["python"], snapshots["repeats"],
                 ", ".join("%d %s" % (n, verdict) for verdict, n in counts.most_common()),
                 needless),
             "", "|What|Packages|Result|Why tainted|Forked all the same|", "|-|-|-|-|-|"]
    for probe in probes:
        packages = ", ".join("%(name)s %(version)s" % p for p in probe["packages"])
        lines.append("|%s|%s|%s|%s|%s|" % (probe["name"], packages, plain(result(probe)),
                                           reasons(probe), forced(probe)))
    return "\n".join(lines)


def main():
    document = json.loads(pathlib.Path(sys.argv[1]).read_text())
    page = pathlib.Path(sys.argv[2])
    text = page.read_text()
    before, rest = text.split(BEGIN)
    new = table(document)
    page.write_text(before + BEGIN + "\n" + new + "\n" + END + rest.split(END)[1])
    print(new.splitlines()[0])


main()
