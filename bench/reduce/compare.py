#!/usr/bin/env python3
"""Compares nbreplay's reduction with picire's on generated notebooks (notebooks.py).

    python bench/reduce/compare.py BUILD/bench/reduce/reduce_bench

picire's own DD class runs here, in process, on the same notebooks and oracle; reduce_bench runs
ours, checks that both see the same outcomes, checks every result to be 1-minimal, and accounts for
the cost of all of them. Prints mean queries, mean base runs and the goals. Exit code 1 when a goal
is missed.
"""

import argparse
import collections
import statistics
import subprocess
import sys

import picire
from picire.config_iterators import backward, skip

import notebooks

# Mean queries of interval and certify, at most this share of picire's default.
GOALS = {11: 1 / 4, 40: 1 / 8, 150: 1 / 15}
# Mean base runs of interval and certify with snapshots, at most this share of what picire's default
# takes in fresh processes.
RUN_GOALS = {11: 1 / 5, 40: 1 / 20, 150: 1 / 40}

PICIRE = {
    "picire-default": {},
    "picire-complement-backward": {
        "subset_iterator": skip,
        "complement_iterator": backward,
    },
}

ROWS = (
    ("picire-default", "picire, default"),
    ("picire-complement-backward", "picire, complements only, backward"),
    ("backward", "backward elimination"),
    ("interval", "interval and certify"),
    ("uncertified", "interval, uncertified"),
)


def hexadecimal(cells):
    return f"{sum(1 << cell for cell in cells):x}"


def reduce_with_picire(notebook, options):
    """picire's result and its tests, as reduce_bench reads them. Its assertions are left out."""
    tests = []

    def test(config, config_id):
        crashes = notebook.crashes(config)
        if "assert" not in config_id:
            tests.append(f"{hexadecimal(config)}={'F' if crashes else 'P'}")
        return picire.Outcome.FAIL if crashes else picire.Outcome.PASS

    result = picire.DD(test, **options)(list(range(notebook.size)))
    return " ".join([hexadecimal(result), *tests])


def measure(program, size, graphs):
    """Per algorithm the rows (queries, fresh, snapshots, kept), one per notebook."""
    process = subprocess.Popen(
        [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    rows = collections.defaultdict(list)
    for index in range(graphs):
        notebook = notebooks.generate(size, index)
        lines = [str(size), *notebook.lines()]
        for name, options in PICIRE.items():
            lines.append(f"{name} {reduce_with_picire(notebook, options)}")
        process.stdin.write("\n".join(lines) + "\n\n")
        process.stdin.flush()
        for answer in iter(process.stdout.readline, "\n"):
            if not answer:
                sys.exit(f"error: reduce_bench ended at notebook {index} of {size} cells")
            name, *numbers = answer.split()
            rows[name].append([float(number) for number in numbers])
    process.stdin.close()
    if process.wait() != 0:
        sys.exit("error: reduce_bench failed")
    return rows


def mean(rows, column):
    return statistics.fmean(row[column] for row in rows)


def report(size, rows):
    """Prints one size's table; returns whether its goals are met."""
    graphs = len(rows["interval"])
    share = mean(rows["interval"], 3) / size
    print(f"\n{size} cells, {graphs} notebooks, {share:.0%} of the cells needed")
    print(f"  {'mean':36}{'queries':>9}{'fresh':>9}{'snapshots':>11}{'kept':>7}")
    for name, words in ROWS:
        queries, fresh, snapshots, kept = (mean(rows[name], column) for column in range(4))
        print(f"  {words:36}{queries:9.1f}{fresh:9.2f}{snapshots:11.2f}{kept:7.1f}")
    queries = mean(rows["picire-default"], 0) / mean(rows["interval"], 0)
    runs = mean(rows["picire-default"], 1) / mean(rows["interval"], 2)
    met = [report_goal("queries", queries, 1 / GOALS[size]),
           report_goal("base runs", runs, 1 / RUN_GOALS[size])]
    return all(met)


def report_goal(what, ratio, wanted):
    met = ratio >= wanted
    print(f"  {what}: 1/{ratio:.1f} of picire's default, goal 1/{wanted:.0f}: "
          f"{'met' if met else 'missed'}")
    return met


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program", help="the reduce_bench executable")
    parser.add_argument("--graphs", type=int, default=notebooks.GRAPHS, help="per size")
    arguments = parser.parse_args()
    print("fresh, snapshots: base runs (one run of the whole notebook) that the queries cost")
    met = [report(size, measure(arguments.program, size, arguments.graphs))
           for size in notebooks.SIZES]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
