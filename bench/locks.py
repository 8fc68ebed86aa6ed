#!/usr/bin/env python3
"""What bisecting two locks takes: `nbreplay bisect` beside delta debugging in throwaway environments.

    python bench/locks.py [--rounds 3] [--case releases|pair] [--keep FOLDER] [--json FILE]

Two locks, one of which crashes. nbreplay's whole command is timed, with `--jobs 1`, without a cache of
trials and with no environment made before: it finds the packages that decide and their releases, and
confirms both sides in three fresh runs each. The peer is picire's ddmin over the packages that differ:
every combination gets a virtual environment by uv, which is removed again, and runs the cells as a
script there; it finds the packages, no releases, and confirms nothing. picire keeps outcomes, so no
combination is tested twice.

culpip, which by what is written of it works like the peer, is asked of the index by name; the last
line tells what became of that.

Everything is fetched and unpacked in a round before, that is not counted. Rounds are interleaved.
Prints median (minimum) in seconds. The index is needed once; --keep names a folder that keeps what was
fetched.
"""
import argparse
import collections
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import peers

UV = peers.SOURCE / ".nbreplay" / "helper" / "bin" / "uv"
SIDES = ("good", "bad")

#: `sides`: requirements and a date, or pins. `raises` is what the last cell raises on the bad side.
Case = collections.namedtuple("Case", "python good bad cells raises words")

STACK = ["numpy", "pandas", "scikit-learn", "matplotlib", "seaborn"]
CASES = {
    "releases": Case(
        "3.11", (STACK, "2023-02-15"), (STACK, "2023-12-15"),
        ["import pandas as pd", "bills = pd.DataFrame({'table': [4, 7], 'total': [31.5, 18.0]})",
         "late = bills.append(bills)"],
        "AttributeError", "one package decides"),
    "pair": Case(
        "3.9",
        (["jinja2==3.0.3", "markupsafe==2.0.1", "click==8.0.4", "itsdangerous==2.0.1",
          "werkzeug==2.0.3", "requests==2.27.1", "urllib3==1.26.9", "idna==3.3",
          "certifi==2021.10.8", "python-dateutil==2.8.2", "six==1.16.0", "pytz==2021.3"], None),
        (["jinja2==2.11.3", "markupsafe==2.1.1", "click==7.1.2", "itsdangerous==1.1.0",
          "werkzeug==1.0.1", "requests==2.25.1", "urllib3==1.26.5", "idna==2.10",
          "certifi==2020.12.5", "python-dateutil==2.8.1", "six==1.15.0", "pytz==2021.1"], None),
        ["import six, requests", "import jinja2"], "ImportError", "two decide together"),
}


class Bench:
    def __init__(self, options, folder, name):
        self.options = options
        self.name = name
        self.case = CASES[name]
        self.folder = folder / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.cache = folder / "cache"
        self.variables = dict(os.environ, UV_CACHE_DIR=str(folder / "uv"), MPLBACKEND="agg",
                              MPLCONFIGDIR=str(folder / "matplotlib"), PYTHONWARNINGS="ignore")
        self.notebook = peers.write_notebook(self.folder / "notebook" / "bills.ipynb",
                                             self.case.cells)

    def run(self, *argv, good=(0,)):
        done = subprocess.run([str(word) for word in argv], env=self.variables, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode not in good:
            sys.exit("error: %s ended with %s:\n%s" % (argv[0], done.returncode, done.stderr))
        return done.stdout

    def lock(self):
        """Both sides, as nbreplay writes them; what the peer needs to know of them."""
        packages = {}
        for side in SIDES:
            requirements, as_of = getattr(self.case, side)
            given = self.folder / (side + ".in")
            given.write_text("\n".join(requirements) + "\n")
            path = self.folder / (side + ".json")
            self.run(self.options.binary, "env", "lock", "--requirements", given, "--python",
                     self.case.python, *(["--as-of", as_of] if as_of else []), "--force", "--output",
                     path, "--cache-dir", self.cache, "--no-progress")
            packages[side] = {one["name"]: one["version"]
                              for one in json.loads(path.read_text())["packages"]}
        good, bad = packages["good"], packages["bad"]
        self.differ = sorted(name for name in {*good, *bad} if good.get(name) != bad.get(name))
        self.task = self.folder / "task.json"
        self.task.write_text(json.dumps(dict(
            packages, differ=self.differ, cells=self.case.cells, raises=self.case.raises,
            python=self.interpreter(), uv=str(UV))))
        return len({*good, *bad})

    def interpreter(self):
        known = json.loads(self.run(self.options.binary, "doctor", "--json", good=(0, 1)))
        return next(one["executable"] for one in known["doctor"]["interpreters"]
                    if one["usable"] and one["version"].startswith(self.case.python + "."))

    def nbreplay(self):
        shutil.rmtree(self.cache / "packages" / "environments", ignore_errors=True)
        start = time.perf_counter()
        printed = self.run(
            self.options.binary, "bisect", self.notebook, "--good-environment",
            self.folder / "good.json", "--bad-environment", self.folder / "bad.json", "--python",
            self.case.python, "--jobs", "1", "--no-cache", "--cache-dir", self.cache, "--json",
            "--no-progress", "--budget", "1h", good=(0, 1))
        seconds = time.perf_counter() - start
        notebook = json.loads(printed)["notebooks"][0]
        if not notebook["crashes"]:
            sys.exit("error: %s: %s" % (self.name, notebook["problem"] or notebook["notes"]))
        versions = notebook["crashes"][0]["versions"]
        found = ", ".join("%s %s → %s" % (one["name"], one["last_good"], one["first_bad"])
                          for one in versions["packages"])
        return {"seconds": seconds, "tests": notebook["trials"]["total"],
                "found": "%s, %s" % (found or "nothing", versions["verdict"])}

    def ddmin(self):
        python = peers.environment_bin(self.options.environment) / "python"
        script = pathlib.Path(__file__).with_name("picire_uv.py")
        start = time.perf_counter()
        printed = self.run(python, "-W", "ignore", script, self.task)
        seconds = time.perf_counter() - start
        answer = json.loads(printed.splitlines()[-1])
        return {"seconds": seconds, "tests": answer["tests"], "found": ", ".join(answer["found"])}


def measure(bench, rounds):
    programs = {"nbreplay bisect": bench.nbreplay, "picire's ddmin, uv": bench.ddmin}
    results = {name: [] for name in programs}
    for round_ in range(rounds + 1):
        for name, program in programs.items():
            result = program()
            if round_ > 0:
                results[name].append(result)
    return results


def culpip(python):
    """Whether the index has it, in words."""
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run([str(UV), "pip", "install", "--quiet", "--no-deps", "--python", python,
                               "--target", scratch, "culpip"], capture_output=True, text=True)
    if done.returncode == 0:
        return "culpip: the index has it by now, but this script cannot drive it yet; not measured"
    # uv ends with 1 where there is no such package, with 2 where it could not ask.
    return ("culpip: the index has no package of that name, or none for this Python; not measured"
            if done.returncode == 1 else "culpip: the index could not be asked; not measured")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--binary", default=peers.default_binary())
    parser.add_argument("--environment", default=peers.SOURCE / ".nbreplay/bench",
                        help="where picire is")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--case", choices=CASES, help="only this one")
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep.resolve() if options.keep else pathlib.Path(scratch)
        for name in [options.case] if options.case else CASES:
            bench = Bench(options, folder, name)
            packages = bench.lock()
            results = found[name] = measure(bench, options.rounds)
            print("|%d of %d packages differ, %s; Python %s|seconds|tests|found|\n|-|-|-|-|"
                  % (len(bench.differ), packages, bench.case.words, bench.case.python))
            medians = {}
            for program, rounds in results.items():
                times = [one["seconds"] for one in rounds]
                medians[program] = statistics.median(times)
                print("|%s|%.1f (%.1f)|%d|%s|" % (program, medians[program], min(times),
                                                  rounds[-1]["tests"], rounds[-1]["found"]))
            ours, theirs = medians.values()
            print("\nnbreplay takes %.2f of the peer's time\n" % (ours / theirs), flush=True)
            python = bench.interpreter()
    print(culpip(python))
    if options.json:
        options.json.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
