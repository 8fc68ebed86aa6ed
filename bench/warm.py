#!/usr/bin/env python3
"""One run of many small notebooks, nbreplay beside nbval, nbmake and papermill, in one run.

    python bench/warm.py [--rounds 3] [--notebooks 40] [--json FILE]

The notebooks need nothing but the standard library (small_notebooks.py). Everybody has two workers:
nbreplay two jobs, nbval and nbmake pytest-xdist, papermill two processes that each import it once
and execute every second notebook. Starting nbreplay's zygotes counts. `bare exec` executes the same
cells in one Python process, a namespace per notebook. Rounds are interleaved; the first, which
fills caches, is not counted.
"""
import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

import peers
import small_notebooks

GOAL = 15
PEERS = ("nbval", "nbmake", "papermill")

PAPERMILL = """
import pathlib, sys
import papermill
out = pathlib.Path(sys.argv[1])
for path in sys.argv[2:]:
    papermill.execute_notebook(path, out / pathlib.Path(path).name, progress_bar=False)
"""

EXEC = """
import json, sys
for path in sys.argv[1:]:
    with open(path) as file:
        cells = json.load(file)["cells"]
    names = {"__name__": "__main__"}
    for cell in cells:
        exec(compile(cell["source"], path, "exec"), names)
"""


def commands(options, paths, out):
    """name -> commands that run at the same time."""
    python = str(peers.environment_bin(options.environment) / "python")
    names = [path.name for path in paths]
    pytest = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2"]
    # nbval's tests are cells, which have to stay together.
    return {
        "nbreplay run": [[options.binary, "run", *names, "--jobs", "2", "--no-progress",
                          "--environment", str(options.environment), "--output-dir", str(out)]],
        "nbval": [[*pytest, "--nbval-lax", "--dist", "loadfile", *names]],
        "nbmake": [[*pytest, "--nbmake", *names]],
        "papermill": [[python, "-c", PAPERMILL, str(out), *names[first::2]] for first in (0, 1)],
        "bare exec": [[python, "-c", EXEC, *names]],
    }


def wall(argvs, cwd, variables, log):
    """Seconds until all have ended; one that fails ends the benchmark."""
    start = time.perf_counter()
    with open(log, "w") as file:
        running = [subprocess.Popen(argv, cwd=cwd, env=variables, stdin=subprocess.DEVNULL,
                                    stdout=file, stderr=subprocess.STDOUT) for argv in argvs]
        codes = [process.wait() for process in running]
    seconds = time.perf_counter() - start
    if any(codes):
        raise SystemExit("error: %s ended with %s:\n%s" % (argvs[0][:4], codes, log.read_text()))
    return seconds


def measure(options, scratch):
    variables = peers.clean_variables(scratch, options.environment)
    folder, out = scratch / "notebooks", scratch / "out"
    paths = small_notebooks.write(folder, options.notebooks)
    times = {}
    for number in range(options.rounds + 1):
        for name, argvs in commands(options, paths, out).items():
            out.mkdir()
            seconds = wall(argvs, folder, variables, scratch / "log")
            shutil.rmtree(out)
            if number > 0:
                times.setdefault(name, []).append(seconds)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="counted rounds (default: 3)")
    parser.add_argument("--notebooks", type=int, default=40)
    parser.add_argument("--binary", default=peers.default_binary())
    parser.add_argument("--environment", default=peers.SOURCE / ".nbreplay/bench")
    parser.add_argument("--json", type=pathlib.Path, help="also write all times here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        times = measure(options, pathlib.Path(scratch))
    print("%d notebooks, two workers: median (least) s" % options.notebooks)
    for name, seconds in times.items():
        print("%-14s%s" % (name, peers.summary(seconds)))
    best = min(PEERS, key=lambda name: statistics.median(times[name]))
    ratio = statistics.median(times[best]) / statistics.median(times["nbreplay run"])
    print("\n%-58s %5.1f  %s" % ("%s / nbreplay: at least %d" % (best, GOAL), ratio,
                                 "reached" if ratio >= GOAL else "MISSED"))
    if options.json:
        options.json.write_text(json.dumps(times, indent=1) + "\n")


if __name__ == "__main__":
    main()
