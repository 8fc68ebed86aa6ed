#!/usr/bin/env python3
"""Trials and wall time of `nbreplay minimize` beside picire driving nbclient, on one case.

    python bench/minimize.py [--base-seconds 1.0]

The case has 12 cells, 5 of which the crash needs. Both have the same oracle: the last cell raises
the same error. picire runs as it does by default, and complements only from the end, which suits
notebooks best. nbreplay reduces cells only (--no-statements), with an empty cache.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile
import time

import peers

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


def cells(pause):
    return [source.replace("{pause}", repr(pause)) for source in CASE]


def run_nbreplay(binary, environment, sources, folder, variables):
    path = peers.write_notebook(folder / "case.ipynb", sources)
    start = time.perf_counter()
    done = subprocess.run([binary, "minimize", str(path), "--environment", str(environment),
                           "--json", "--no-statements", "--no-progress"], cwd=folder, env=variables,
                          capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        raise SystemExit("error: nbreplay ended with %s\n%s" % (done.returncode, done.stderr))
    found = json.loads(done.stdout)["notebooks"][0]
    minimal = found["crashes"][0]["minimal"]
    return {"trials": found["trials"]["total"], "seconds": seconds,
            "kept": [cell + 1 for cell in minimal["order"]], "note": minimal["guarantee"]}


def run_picire(environment, sources, folder, variables, flavour):
    python = peers.environment_bin(environment) / "python"
    script = pathlib.Path(__file__).with_name("picire_nbclient.py")
    done = subprocess.run([str(python), "-W", "ignore", str(script), flavour], cwd=folder,
                          env=variables, input=json.dumps(sources), capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit("error: picire ended with %s\n%s" % (done.returncode, done.stderr))
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=peers.default_binary())
    parser.add_argument("--environment", default=peers.SOURCE / ".nbreplay/bench")
    parser.add_argument("--base-seconds", type=float, default=1.0,
                        help="how long the slow, needless cell sleeps (default: 1)")
    options = parser.parse_args()
    sources = cells(options.base_seconds)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        variables = peers.clean_variables(folder, options.environment)
        rows = {"nbreplay minimize": run_nbreplay(options.binary, options.environment, sources,
                                                  folder / "nbreplay", variables)}
        (folder / "picire").mkdir()
        for flavour in ("default", "backward"):
            rows["picire + nbclient, " + flavour] = run_picire(
                options.environment, sources, folder / "picire", variables, flavour)
    print("%-30s %7s %9s  %s" % ("", "trials", "seconds", "cells kept (needed: %s)" % NEEDED))
    for name, row in rows.items():
        print("%-30s %7d %9.1f  %s %s" % (name, row["trials"], row["seconds"], row["kept"],
                                          row.get("note", "")))


if __name__ == "__main__":
    main()
