#!/usr/bin/env python3
"""Trials and wall time of `nbreplay minimize` beside picire driving nbclient, on two cases.

    python bench/minimize.py [--case short|long] [--quick]

The short case has 12 cells, 5 of which the crash needs; the long one 40 with scikit-learn, 17 of
them needed, which take about 12 s once (long_case.py; --quick makes that shorter). Both programs
get the notebook as it was saved after its crash, and have the same oracle: the last cell raises
the same error. picire runs as it does by default (the
short case only), and complements only from the end, which suits notebooks best. nbreplay reduces
cells only (--no-statements), with an empty cache; its confirmations in fresh processes are
included. Each has one process at a time. The long case takes picire a quarter of an hour, or three
minutes with --quick.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile
import time

import long_case
import peers

#: How many times faster the long case is to be.
GOAL = 12

#: Of the long case with --quick.
QUICK_SCALE = 0.35

#: The crash needs cells 1, 3, 6, 9 and 12: without any of them, another error or none.
CASE = [
    "import pandas as pd",
    "import statistics",
    "orders = pd.DataFrame({'customer': [1, 2, 2, 3], 'amount': [10.0, 20.0, 5.0, 8.0]})",
    "print(len(orders), 'orders')",
    "mean_amount = statistics.mean(orders['amount'])",
    "orders = orders.rename(columns={'amount': 'net'})",
    "largest = orders['customer'].max()",
    "labels = {n: 'customer %d' % n for n in range(4)}",
    "def total(frame):\n    return frame.groupby('customer')['amount'].sum()",
    "orders.describe()",
    "import time\ntime.sleep({pause})",
    "total(orders)",
]
NEEDED = [1, 3, 6, 9, 12]


def short_cells(pause):
    return [source.replace("{pause}", repr(pause)) for source in CASE]


def run_nbreplay(options, path, variables):
    start = time.perf_counter()
    done = subprocess.run([options.binary, "minimize", str(path), "--json", "--no-statements",
                           "--environment", str(options.environment), "--jobs", "1",
                           "--budget", "2h", "--no-progress"],
                          cwd=path.parent, env=variables, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        raise SystemExit("error: nbreplay ended with %s\n%s" % (done.returncode, done.stderr))
    found = json.loads(done.stdout)["notebooks"][0]
    minimal = found["crashes"][0]["minimal"]
    trials = dict(found["trials"])
    total = trials.pop("total")
    origins = ", ".join("%d %s" % (count, name) for name, count in trials.items() if count)
    return {"trials": total, "seconds": seconds,
            "kept": [cell + 1 for cell in minimal["order"]],
            "note": "%s; %s" % (minimal["guarantee"], origins)}


def run_helper(options, action, path, variables):
    python = peers.environment_bin(options.environment) / "python"
    script = pathlib.Path(__file__).with_name("picire_nbclient.py")
    done = subprocess.run([str(python), "-W", "ignore", str(script), action, str(path)],
                          cwd=path.parent, env=variables, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit("error: picire ended with %s\n%s" % (done.returncode, done.stderr))
    return json.loads(done.stdout.splitlines()[-1])


def run_case(options, sources, needed, flavours):
    """Prints a row per program; how many times faster nbreplay is than picire's best."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        variables = peers.clean_variables(folder, options.environment)
        path = peers.write_notebook(folder / "notebook/case.ipynb", sources)
        recorded = run_helper(options, "record", path, variables)
        print("%-30s %7s %9s  cells kept (needed: %s)" % (
            "%d cells, %.1f s with nbclient" % (len(sources), recorded["seconds"]), "trials",
            "seconds", needed))

        def show(name, row):
            print("%-30s %7d %9.1f  %s %s" % (name, row["trials"], row["seconds"], row["kept"],
                                              row.get("note", "")), flush=True)

        ours = run_nbreplay(options, path, variables)
        show("nbreplay minimize", ours)
        best = None
        for flavour in flavours:
            row = run_helper(options, flavour, path, variables)
            show("picire + nbclient, " + flavour, row)
            best = min(best or row["seconds"], row["seconds"])
        print()
        return best / ours["seconds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=peers.default_binary())
    parser.add_argument("--environment", default=peers.SOURCE / ".nbreplay/bench")
    parser.add_argument("--case", choices=("short", "long"), help="only this one")
    parser.add_argument("--base-seconds", type=float, default=1.0,
                        help="how long the slow, needless cell of the short case sleeps "
                             "(default: 1)")
    parser.add_argument("--quick", action="store_true", help="less data in the long case")
    options = parser.parse_args()
    if options.case != "long":
        run_case(options, short_cells(options.base_seconds), NEEDED, ("default", "backward"))
    if options.case != "short":
        sources = long_case.cells(QUICK_SCALE if options.quick else 1)
        ratio = run_case(options, sources, long_case.NEEDED, ("backward",))
        print("%-58s %5.1f  %s" % ("picire / nbreplay, long case: at least %d" % GOAL, ratio,
                                   "reached" if ratio >= GOAL else "MISSED"))


if __name__ == "__main__":
    main()
