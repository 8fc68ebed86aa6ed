#!/usr/bin/env python3
"""What a sandbox costs a whole `nbreplay run`: a notebook of one cell, with and without one by turns.

    python bench/sandbox.py [--binary PATH] [--python PATH] [--rounds N]

Prints medians and least times in milliseconds, and the ratio of the medians beside its goal.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

GOAL = 1.1
NOTEBOOK = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
    {"cell_type": "code", "id": "one", "metadata": {}, "execution_count": None, "outputs": [],
     "source": "1 + 1"}]}


def time_run(command):
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    took = (time.perf_counter() - start) * 1000
    if done.returncode != 0:
        sys.exit("error: %s\n%s" % (" ".join(command), done.stderr))
    return took


def main():
    root = pathlib.Path(__file__).resolve().parents[1]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=os.environ.get(
        "NBREPLAY_BINARY", str(root / "build/release/bin/nbreplay")))
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--rounds", type=int, default=30)
    asked = parser.parse_args()
    levels = ("off", "auto")
    times = {level: [] for level in levels}
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "project" / "one.ipynb"
        path.parent.mkdir()
        path.write_text(json.dumps(NOTEBOOK))
        command = [asked.binary, "run", str(path), "--python", asked.python, "--force",
                   "--no-progress", "--cache-dir", folder + "/cache", "--sandbox"]
        for level in levels:
            time_run(command + [level])
        for _ in range(asked.rounds):
            for level in levels:
                times[level].append(time_run(command + [level]))
    for level in levels:
        print("%-5s %6.1f ms (%.1f)" % (level, statistics.median(times[level]), min(times[level])))
    ratio = statistics.median(times["auto"]) / statistics.median(times["off"])
    print("ratio %.3f; goal %.1f: %s" % (ratio, GOAL, "reached" if ratio <= GOAL else "missed"))


if __name__ == "__main__":
    main()
