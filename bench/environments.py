#!/usr/bin/env python3
"""What making environments costs: nbreplay's store beside venv with pip, and uv, in one run.

    python bench/environments.py [--rounds 3] [--python PYTHON] [--keep FOLDER] [--json FILE]

Every peer is warm: what it downloads or unpacks only once was downloaded and unpacked in a round
before, that is not counted. Every round makes a new environment of the same pins, then imports the
four libraries in it for the first time. The second table edits one release, numpy's, of such an
environment, and imports numpy there. Rounds are interleaved. Prints median (minimum) in seconds.

The index is needed once; --keep names a folder that keeps what was fetched.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
HELPER = pathlib.Path(os.environ.get("NBREPLAY_HELPER", ROOT / ".nbreplay" / "helper"))
LIBRARIES = ["numpy", "pandas", "scikit-learn", "matplotlib"]
IMPORTS = "import numpy, pandas, sklearn, matplotlib.pyplot"
GOALS = {"venv, pip / nbreplay": 15, "uv / nbreplay": 1}


class Bench:
    def __init__(self, python, folder):
        self.python = python
        self.folder = folder
        self.uv = str(HELPER / "bin" / "uv")
        self.cache = folder / "cache"
        self.variables = dict(os.environ, UV_CACHE_DIR=str(folder / "uv"), NBREPLAY_HELPER=str(HELPER),
                              PIP_CACHE_DIR=str(folder / "pip"), PIP_DISABLE_PIP_VERSION_CHECK="1",
                              MPLCONFIGDIR=str(folder / "matplotlib"), MPLBACKEND="agg")
        self.pins = folder / "pins.txt"
        self.is_warm = False

    def run(self, *argv, **options):
        done = subprocess.run([str(word) for word in argv], env=self.variables, capture_output=True,
                              text=True, **options)
        if done.returncode != 0:
            sys.exit("%s failed:\n%s" % (argv[0], done.stderr))
        return done.stdout

    def ask(self, command, **fields):
        request = dict(fields, cache=str(self.cache), python={"executable": self.python, "version": ""})
        answer = json.loads(self.run(sys.executable, "-I", "-S", ROOT / "python" / "run.py", command,
                                     input=json.dumps(request)))
        if "error" in answer:
            sys.exit(answer["error"]["message"])
        return answer["ok"]

    def resolve(self):
        self.lock = self.ask("resolve", requirements=LIBRARIES)["lock"]
        self.pins.write_text("".join("%(name)s==%(version)s\n" % one for one in self.lock["packages"]))

    # Each makes a new environment and returns its interpreter.

    def nbreplay(self):
        shutil.rmtree(self.cache / "packages" / "environments", ignore_errors=True)
        return lambda: self.ask("install", lock=self.lock,
                                offline=self.is_warm)["python"]["executable"]

    def with_pip(self):
        place = fresh(self.folder / "venv")

        def make():
            self.run(self.python, "-m", "venv", place)
            self.run(place / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-deps", "-r",
                     self.pins)
            return place / "bin" / "python"
        return make

    def with_uv(self, *options):
        place = fresh(self.folder / "uv-venv")
        if self.is_warm:
            options += ("--offline",)

        def make():
            self.run(self.uv, "venv", "--quiet", "--python", self.python, place)
            self.run(self.uv, "pip", "install", "--quiet", "--no-deps", *options,
                     "--python", place / "bin" / "python", "-r", self.pins)
            return place / "bin" / "python"
        return make

    def measure(self, rounds):
        peers = {"nbreplay": self.nbreplay, "uv": self.with_uv,
                 "uv, compiling": lambda: self.with_uv("--compile-bytecode"),
                 "venv, pip": self.with_pip}
        times = {name: {"make": [], "import": []} for name in peers}
        for round_ in range(rounds + 1):
            self.is_warm = round_ > 0
            for name, prepare in peers.items():
                make = prepare()
                begin = time.perf_counter()
                python = make()
                made = time.perf_counter()
                self.run(python, "-c", IMPORTS)
                imported = time.perf_counter()
                if round_ > 0:
                    times[name]["make"].append(made - begin)
                    times[name]["import"].append(imported - made)
        for found in times.values():
            found["together"] = [sum(pair) for pair in zip(found["make"], found["import"])]
        return times

    def switch(self, rounds):
        """Seconds to change numpy's release, and to import it then."""
        base = self.ask("install", lock=self.lock)
        releases = [one["version"] for one in self.ask("releases", package="numpy")["releases"]
                    if one["wheel"] and not one["prerelease"] and not one["yanked"]]
        present = next(one["version"] for one in base["packages"] if one["name"] == "numpy")
        other = releases[releases.index(present) - 1]
        request = {"base": {"prefix": base["folder"], "site_packages": base["site_packages"]},
                   "edit": {"set": [{"name": "numpy", "version": other}]}}
        times = {"edit": [], "import numpy": []}
        for round_ in range(rounds + 1):
            if round_ > 0:
                shutil.rmtree(edited)
            begin = time.perf_counter()
            answer = self.ask("edit", **request, offline=round_ > 0)
            made = time.perf_counter()
            version = self.run(answer["python"]["executable"], "-c",
                               "import numpy; print(numpy.__version__)").strip()
            imported = time.perf_counter()
            edited = answer["folder"]
            assert version == other, version
            if round_ > 0:
                times["edit"].append(made - begin)
                times["import numpy"].append(imported - made)
        times["together"] = [sum(pair) for pair in zip(*times.values())]
        return {"from": present, "to": other, "times": times}


def fresh(place):
    shutil.rmtree(place, ignore_errors=True)
    return place


def shown(times):
    return "%.2f (%.2f)" % (statistics.median(times), min(times))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep.resolve() if arguments.keep else pathlib.Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(os.path.realpath(arguments.python), folder)
        bench.resolve()
        times = bench.measure(arguments.rounds)
        switched = bench.switch(max(arguments.rounds, 10))
    packages = len(bench.lock["packages"])
    print("%d packages, Python %s, median (minimum) of %d, seconds\n"
          % (packages, bench.lock["python"], arguments.rounds))
    print("|Environment by|making|first import of the four|together|\n|-|-|-|-|")
    for name, found in times.items():
        print("|%s|%s|%s|%s|" % (name, shown(found["make"]), shown(found["import"]),
                                 shown(found["together"])))
    medians = {name: {part: statistics.median(found[part]) for part in found}
               for name, found in times.items()}
    ratios = {ratio: medians[ratio.split(" / ")[0]]["together"] / medians["nbreplay"]["together"]
              for ratio in GOALS}
    print("\n|Ratio, importing included|measured|goal|\n|-|-|-|")
    for name, ratio in ratios.items():
        print("|%s|%.1f|at least %g|" % (name, ratio, GOALS[name]))
    together = switched["times"]["together"]
    print("\n|numpy|edit|import numpy|together|goal|\n|-|-|-|-|-|")
    print("|%s to %s|%s|%s|%s|at most 0.3|" % (
        switched["from"], switched["to"], shown(switched["times"]["edit"]),
        shown(switched["times"]["import numpy"]), shown(together)))
    if arguments.json:
        arguments.json.write_text(json.dumps({"creation": times, "ratios": ratios, "switch": switched}))


if __name__ == "__main__":
    main()
