#!/usr/bin/env python3
"""Wall time of whole executions, nbreplay beside its peers, in one run.

    python bench/speed.py [--rounds 5] [--json FILE]

Rounds are interleaved (every peer once, then again), so that a busy moment of the machine hits all
alike; the first round, which fills caches, is not counted. Prints median (minimum) in seconds, and
the ratios that the project holds itself to.
"""
import argparse
import json
import pathlib
import statistics
import tempfile

import peers


def commands(binary, environment, path, script, out):
    """name -> argv. Each writes an executed notebook, bare Python none."""
    folder = peers.environment_bin(environment)
    return {
        "nbreplay run": [binary, "run", str(path), "--environment", str(environment),
                         "--output-dir", str(out / "nbreplay"), "--no-progress"],
        "bare python": [str(folder / "python"), str(script)],
        "execnb": [str(folder / "exec_nb"), str(path), "--dest", str(out / "execnb.ipynb")],
        "nbclient": [str(folder / "jupyter-execute"), str(path), "--output", str(out / "nbclient")],
        "nbconvert": [str(folder / "jupyter-nbconvert"), "--to", "notebook", "--execute", str(path),
                      "--output-dir", str(out / "nbconvert")],
        "papermill": [str(folder / "papermill"), str(path), str(out / "papermill.ipynb"),
                      "--no-progress-bar"],
    }


def measure(binary, environment, rounds, scratch):
    variables = peers.clean_variables(scratch, environment)
    argvs = {}
    for workload, cells in peers.WORKLOADS.items():
        folder = scratch / workload.replace(" ", "-").replace(",", "")
        path = peers.write_notebook(folder / "notebook.ipynb", cells)
        script = folder / "script.py"
        script.write_text("\n".join(cells) + "\n", encoding="utf-8")
        for peer, argv in commands(binary, environment, path, script, scratch / "out").items():
            argvs[peer, workload] = (argv, folder)
    (scratch / "out").mkdir()
    times = {key: [] for key in argvs}
    for number in range(rounds + 1):
        for key, (argv, folder) in argvs.items():
            seconds = peers.wall(argv, folder, variables)
            if number > 0:
                times[key].append(seconds)
    return times


def goals(times):
    """(text, ratio, reached) for each figure the project wants to reach."""

    def median(peer, workload):
        return statistics.median(times[peer, workload])

    rows = []
    for workload in ("1 cell", "100 cells"):
        ratio = median("nbconvert", workload) / median("nbreplay run", workload)
        rows.append(("nbconvert / nbreplay, %s: at least 4" % workload, ratio, ratio >= 4))
        ratio = median("execnb", workload) / median("nbreplay run", workload)
        rows.append(("execnb / nbreplay, %s: above 1" % workload, ratio, ratio > 1))
    workload = "5 cells, scikit-learn"
    ratio = median("nbreplay run", workload) / median("bare python", workload)
    rows.append(("nbreplay / bare python, %s: at most 1.25" % workload, ratio, ratio <= 1.25))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="counted rounds (default: 5)")
    parser.add_argument("--binary", default=peers.default_binary())
    parser.add_argument("--environment", default=peers.SOURCE / ".nbreplay/bench")
    parser.add_argument("--json", type=pathlib.Path, help="also write all times here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        times = measure(options.binary, options.environment, options.rounds, pathlib.Path(scratch))
    names = list(dict.fromkeys(peer for peer, _ in times))
    print("%-14s" % "median (min) s" + "".join("%24s" % w for w in peers.WORKLOADS))
    for name in names:
        print("%-14s" % name + "".join("%24s" % peers.summary(times[name, w])
                                       for w in peers.WORKLOADS))
    print()
    for text, ratio, reached in goals(times):
        print("%-58s %5.2f  %s" % (text, ratio, "reached" if reached else "MISSED"))
    if options.json:
        options.json.write_text(json.dumps({"%s | %s" % key: value for key, value in times.items()},
                                           indent=1) + "\n")


if __name__ == "__main__":
    main()
