#!/usr/bin/env python3
"""Bisects the notebooks of rows.py with real packages, and compares the boundaries.

    python tests/index/run.py [--fast] [--only NAME,...] [--offline] [--write docs/versions.md]

Needs a package index, or everything in the cache (--offline). Packages, and what was found so far,
stay in --cache (default: .nbreplay/index), so that a second run only does what the first did not.
Exits with 1 when a boundary is not confirmed, or is another one than the row says.
"""
import argparse
import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from rows import PAIRS, PYTHONS, ROWS, SIDES

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"


def write_notebook(path, cells):
    path.write_text(json.dumps({
        "cells": [{"cell_type": "code", "execution_count": None, "id": "c%d" % number,
                   "metadata": {}, "outputs": [], "source": source}
                  for number, source in enumerate(cells, 1)],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return path


class Runner:
    def __init__(self, options):
        self.options = options
        # Not below the repository: a notebook's project would be all of that.
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="nbreplay-index-"))

    def bisect(self, name, cells, *arguments):
        """(what `versions` says, what was observed, seconds, what went wrong)"""
        folder = self.work / name
        folder.mkdir(exist_ok=True)
        argv = [self.options.binary, "bisect", write_notebook(folder / (name + ".ipynb"), cells),
                *arguments, "--json", "--no-progress", "--budget", self.options.budget,
                "--cache-dir", self.options.cache / "nbreplay"]
        if self.options.offline:
            argv.append("--offline")
        started = time.monotonic()
        done = subprocess.run(list(map(str, argv)), capture_output=True, text=True,
                              stdin=subprocess.DEVNULL)
        results = self.options.cache / "results"
        results.mkdir(parents=True, exist_ok=True)
        (results / (name + ".json")).write_text(done.stdout, encoding="utf-8")
        seconds = time.monotonic() - started
        try:
            notebook = json.loads(done.stdout)["notebooks"][0]
        except (ValueError, LookupError):
            return None, None, seconds, done.stderr.strip()[-300:]
        if notebook["problem"]:
            problem = notebook["problem"]
            return None, None, seconds, "%s %s" % (problem["message"], problem["cause"])
        if not notebook["crashes"]:
            return None, None, seconds, "; ".join(notebook["notes"])
        crash = notebook["crashes"][0]
        return crash["versions"], crash["reproduction"]["observed"], seconds, ""

    def requirements(self, name, lines):
        path = self.work / (name + ".txt")
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    @functools.cached_property
    def interpreters(self):
        """Executables by minor version, oldest first, of those that notebooks can run in."""
        done = subprocess.run([self.options.binary, "doctor", "--json"], capture_output=True)
        usable = {}
        for one in json.loads(done.stdout)["doctor"]["interpreters"]:
            if one["usable"]:
                usable.setdefault(tuple(map(int, one["version"].split(".")[:2])), one["executable"])
        return {"%d.%d" % minor: usable[minor] for minor in sorted(usable)}

    def interpreter(self, minor):
        return self.interpreters[minor]

    def empty(self, minor):
        """A virtual environment with no package in it, not even pip and setuptools."""
        folder = self.work / ("empty_" + minor)
        if not folder.exists():
            self.uv("venv", "--python", self.interpreter(minor), folder)
        return folder

    def uv(self, *arguments):
        subprocess.run([self.options.uv, "--quiet", *map(str, arguments)], check=True)

    def virtual(self, pair, side):
        """A virtual environment with what no resolver would put together."""
        folder = self.work / ("%s_%s" % (pair.name, side))
        self.uv("venv", "--python", self.interpreter(pair.python), folder)
        install = ["pip", "install", "--python", folder / "bin" / "python"]
        self.uv(*install, *["%s==%s" % one for one in pair.good.items()])
        if side == "bad":  # with what each needs, and then these in spite of each other
            for one in pair.bad.items():
                self.uv(*install, "%s==%s" % one)
            self.uv(*install, "--no-deps", *["%s==%s" % one for one in pair.bad.items()])
        return folder

    def row(self, row):
        lines = ["%s==%s" % (row.package, row.start), *row.rest]
        arguments = ["--package", row.package, "--python", row.python, "--requirements",
                     self.requirements(row.name, lines)]
        if row.as_of:
            arguments += ["--as-of", row.as_of]
        found = self.bisect(row.name, row.cells, *arguments)
        wanted = {row.package: (row.good, row.bad)}
        return self.judged(trigger(row.cells), row.package, row.python,
                           wanted, row.raises, *found)

    def sides(self, sides):
        found = self.bisect(
            sides.name, sides.cells, "--python", sides.python, "--as-of", sides.as_of,
            "--good-environment", self.requirements(sides.name + "_good", sides.good),
            "--bad-environment", self.requirements(sides.name + "_bad", sides.bad))
        package = "%s of %s" % (sides.package, sides.bad[0].split("=")[0])
        return self.judged(trigger(sides.cells), package, sides.python,
                           {sides.package: sides.releases}, sides.raises, *found)

    def pair(self, pair):
        lines = {side: ["%s==%s" % one for one in versions.items()] + list(pair.rest)
                 for side, versions in (("good", pair.good), ("bad", pair.bad))}
        arguments = ["--python", pair.python]
        for side in ("good", "bad"):
            file = self.requirements("%s_%s" % (pair.name, side), lines[side])
            arguments += ["--%s-environment" % side,
                          self.virtual(pair, side) if pair.forced else file]
        if pair.as_of:
            arguments += ["--as-of", pair.as_of]
        found = self.bisect(pair.name, pair.cells, *arguments)
        result = self.judged(trigger(pair.cells), " + ".join(pair.bad),
                             pair.python, None, pair.raises, *found)
        corners = found[0] and found[0]["corners"]
        if result["ok"] and not (corners and corners["only_together"]):
            result.update(ok=False, note="not seen to crash only together")
        return result

    def python(self, name, good, bad, cells, raises):
        """Every interpreter that there is, beginning with the first that crashes."""
        minors = list(self.interpreters)
        found = self.bisect(name, cells, "--environment", self.empty(bad), "--python-versions",
                            "%s..%s" % (minors[0], minors[-1]))
        return self.judged(trigger(cells), "Python", bad, {"python": (good, bad)}, raises,
                           *found)

    @staticmethod
    def judged(trigger, package, python, wanted, raises, versions, observed, seconds, problem):
        result = dict(trigger=trigger, package=package, python=python, seconds=seconds, ok=False,
                      boundary="-", raised="-", tried="-", note=problem)
        if versions is None:
            return result
        found = {one["name"]: (one["last_good"], one["first_bad"]) for one in versions["packages"]}
        result["boundary"] = boundary_words(found)
        result["tried"] = "%d" % versions["tried"]
        if versions["mode"] != "environments":
            result["tried"] += " of %d" % versions["releases"]
        result["raised"] = observed["ename"] if observed else "-"
        if versions["verdict"] != "confirmed":
            result["note"] = "%s: %s" % (versions["verdict"], versions["why"])
        elif wanted is not None and not same_boundary(found, wanted, versions):
            result["note"] = "expected %s" % ", ".join("%s → %s" % one for one in wanted.values())
        elif observed["ename"] != raises:
            result["note"] = "expected %s" % raises
        else:
            result["ok"] = True
            if versions["interval"]:
                result["note"] = "between them: " + ", ".join(versions["interval"]["between"])
            elif versions["against"]:
                result["note"] = "another change at " + ", ".join(versions["against"])
        return result


def trigger(cells):
    """The line that crashes, as far as a table needs it."""
    lines = [line.strip() for line in cells[-1].splitlines() if line != "try:"]
    return "`%s`" % (lines[0] if len(cells[0].splitlines()) > 1 or len(cells) != 2 else
                     "; ".join([cells[0], lines[0]]))


def boundary_words(found):
    """"1.5.3 → 2.0.0"; of several packages with their names."""
    return "; ".join(("%s " % name if len(found) > 1 else "") + "%s → %s" % (good, bad)
                     for name, (good, bad) in found.items()) or "-"


def same_boundary(found, wanted, versions):
    """The very one; or its neighbour, where patch releases were made after the row was written."""
    if found == wanted or found.keys() != wanted.keys() or versions["interval"]:
        return found == wanted
    (good, bad), (wanted_good, wanted_bad) = [*found.values(), *wanted.values()]
    return bad == wanted_bad and good.split(".")[:2] == wanted_good.split(".")[:2]


def table(results):
    lines = ["|Trigger|Package|Python|Last good → first bad|Raises|Releases tried|Seconds|Note|",
             "|-|-|-|-|-|-|-|-|"]
    for one in results:
        lines.append("|%s|%s|%s|%s%s|%s|%s|%.0f|%s|" % (
            one["trigger"], one["package"], one["python"], one["boundary"],
            "" if one["ok"] else " (**missed**)", one["raised"], one["tried"], one["seconds"],
            one["note"].replace("|", "/").replace("\n", " ")[:160]))
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true", help="only the quick rows")
    parser.add_argument("--only", default="", help="rows by name")
    parser.add_argument("--offline", action="store_true")
    parser.add_argument("--budget", default="15m")
    parser.add_argument("--cache", type=pathlib.Path, default=SOURCE / ".nbreplay" / "index")
    parser.add_argument("--write", type=pathlib.Path, help="document whose table is replaced: by "
                        "the last result of every row, of this run or an earlier one")
    parser.add_argument("--uv", default=str(SOURCE / ".nbreplay" / "tools" / "bin" / "uv"))
    parser.add_argument("--binary", default=os.environ.get("NBREPLAY_BINARY") or str(
        SOURCE / "build" / "release" / "bin" / "nbreplay"))
    options = parser.parse_args()
    runner = Runner(options)
    names = set(filter(None, options.only.split(",")))
    jobs = [(row.name, row.fast, lambda row=row: runner.row(row)) for row in ROWS]
    jobs += [(one[0], one[0] in ("imp", "collections_mapping"),
              lambda one=one: runner.python(*one)) for one in PYTHONS]
    jobs += [(sides.name, False, lambda sides=sides: runner.sides(sides)) for sides in SIDES]
    jobs += [(pair.name, pair.name == "jinja2_markupsafe", lambda pair=pair: runner.pair(pair))
             for pair in PAIRS]
    results = []
    rows = options.cache / "rows"
    rows.mkdir(parents=True, exist_ok=True)
    for name, fast, work in jobs:
        if (options.fast and not fast) or (names and name not in names):
            continue
        results.append(work())
        last = results[-1]
        (rows / (name + ".json")).write_text(json.dumps(last), encoding="utf-8")
        print("%-24s %-6s %-28s %6.1f s  %s" % (name, "ok" if last["ok"] else "MISSED",
                                                last["boundary"], last["seconds"], last["note"]),
              flush=True)
    missed = sum(not one["ok"] for one in results)
    print("%d of %d as verified" % (len(results) - missed, len(results)))
    shutil.rmtree(runner.work)
    if options.write:
        saved = [rows / (name + ".json") for name, _, _ in jobs]
        results = [json.loads(path.read_text(encoding="utf-8")) for path in saved if path.exists()]
        text = options.write.read_text(encoding="utf-8")
        before, rest = text.split(BEGIN)
        after = rest.split(END)[1]
        options.write.write_text(before + BEGIN + "\n" + table(results) + "\n" + END + after,
                                 encoding="utf-8")
    unreachable = [one for one in results if not one["ok"] and "index" in one["note"]]
    if options.fast and len(unreachable) > len(results) // 2:
        print("SKIPPED [1] tests/index/run.py: " + unreachable[0]["note"])
        return 77
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
