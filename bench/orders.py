"""What `nbreplay orders` executes for a whole map, and tests to find the pair that decides.

A notebook of 40 cells with scikit-learn is written by this script: data, a dozen cells that each add
a column, splits, models, scores. Printed side by side: base runs that the map executed, and those of
the same trials when each runs from the top (each execution counts at what its cell took in the base
order, as nbreplay reports it); then the tests for two permutations of the notebook, one
of which crashes, beside the bound ceil(log2 m) + 2 for m inverted pairs of conflicting cells.

    python bench/orders.py [--binary NBREPLAY] [--environment FOLDER] [--rows 20000]
"""
import argparse
import json
import pathlib
import random
import subprocess
import tempfile
import time

import peers

#: Cells, from 1, that add a column to the same frame: they conflict with each other, and any
#: order of them is as good, but for one that takes away what another one reads.
COLUMNS = list(range(6, 19))
READS, DROPS = 11, 16


def cells(rows):
    head = [
        "import numpy as np\nimport pandas as pd",
        "from sklearn.linear_model import LogisticRegression, Ridge\n"
        "from sklearn.ensemble import RandomForestClassifier, GradientBoostingClassifier\n"
        "from sklearn.metrics import accuracy_score, roc_auc_score\n"
        "from sklearn.model_selection import cross_val_score, train_test_split\n"
        "from sklearn.preprocessing import StandardScaler",
        "def rented(rows, seed):\n"
        "    draw = np.random.default_rng(seed)\n"
        "    return pd.DataFrame({'hour': draw.integers(0, 24, rows),\n"
        "                         'rain': draw.gamma(1.0, 2.0, rows),\n"
        "                         'wind': draw.normal(12, 4, rows),\n"
        "                         'warm': draw.normal(15, 8, rows),\n"
        "                         'code': draw.integers(0, 5, rows)})",
        "bikes = rented(%d, 11)" % rows,
        "score = bikes['warm'] / 8 - bikes['rain'] / 2 - (bikes['hour'] - 14).abs() / 6\n"
        "busy = (score + np.random.default_rng(3).normal(0, 1, len(bikes)) > 0).astype(int)",
    ]
    columns = [
        "bikes['rush'] = bikes['hour'].isin([7, 8, 17, 18]).astype(int)",
        "bikes['night'] = (bikes['hour'] < 6).astype(int)",
        "bikes['noon'] = (bikes['hour'] - 12).abs()",
        "bikes['wet'] = (bikes['rain'] > 1).astype(int)",
        "bikes['storm'] = (bikes['wind'] > 18).astype(int)",
        "bikes['kind'] = bikes['code'].map({0: 1, 1: 1, 2: 0, 3: 0, 4: 2})",
        "bikes['mild'] = bikes['warm'].between(10, 22).astype(int)",
        "bikes['chill'] = bikes['warm'] - bikes['wind'] / 3",
        "bikes['log_rain'] = np.log1p(bikes['rain'])",
        "bikes['wind2'] = bikes['wind'] ** 2",
        "del bikes['code']",
        "bikes['warm2'] = bikes['warm'] ** 2",
        "bikes['half'] = bikes['hour'] // 12",
    ]
    tail = [
        "print(bikes.describe().loc['mean'].round(2))",
        "features = sorted(bikes.columns)",
        "x_train, x_test, y_train, y_test = train_test_split(bikes[features], busy, random_state=5)",
        "scaler = StandardScaler().fit(x_train)",
        "z_train = scaler.transform(x_train)",
        "z_test = scaler.transform(x_test)",
        "linear = LogisticRegression(max_iter=300).fit(z_train, y_train)",
        "linear_score = accuracy_score(y_test, linear.predict(z_test))",
        "print(round(linear_score, 3))",
        "weights = pd.Series(linear.coef_[0], index=features).sort_values()",
        "weights.tail(3)",
        "forest = RandomForestClassifier(60, random_state=2, n_jobs=1).fit(x_train, y_train)",
        "forest_score = accuracy_score(y_test, forest.predict(x_test))",
        "print(round(forest_score, 3))",
        "boosted = GradientBoostingClassifier(n_estimators=25, random_state=2)\n"
        "boosted.fit(x_train, y_train)",
        "boosted_area = roc_auc_score(y_test, boosted.predict_proba(x_test)[:, 1])",
        "print(round(boosted_area, 3))",
        "folds = cross_val_score(LogisticRegression(max_iter=300), z_train, y_train, cv=3)",
        "print(folds.mean().round(3))",
        "ridge = Ridge().fit(z_train, y_train)",
        "table = pd.DataFrame({'model': ['linear', 'forest'], 'score': [linear_score, forest_score]})",
        "best = table.sort_values('score').iloc[-1]['model']",
    ]
    sources = head + columns + tail
    assert len(sources) == 40, len(sources)
    return sources


def run_orders(options, folder, variables, *more):
    start = time.perf_counter()
    done = subprocess.run(
        [options.binary, "orders", "rentals.ipynb", "--environment", str(options.environment),
         "--budget", "1h", "--json", "--no-progress", "--no-cache"] + list(more),
        cwd=folder, env=variables, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit("error: nbreplay ended with %s\n%s" % (done.returncode, done.stderr))
    return json.loads(done.stdout)["notebooks"][0], time.perf_counter() - start


#: Base runs that a map may take.
GOAL = 25


def judged(good):
    return "reached" if good else "MISSED"


def show_map(name, found, seconds):
    cost = found["cost"]
    origins = {name: count for name, count in found["trials"].items()
               if count and name not in ("total", "dropped")}
    print("%-34s %8.1f %14.1f %8.1f  %s" % (
        name, cost["base_runs"], cost["base_runs_from_top"], seconds,
        ", ".join("%d %s" % (count, kind) for kind, count in origins.items())))
    print("map, base runs: at most %d %30.1f  %s" % (
        GOAL, cost["base_runs"], judged(cost["base_runs"] <= GOAL)))


def permutations(seed):
    """The notebook's own order, and one whose columns are shuffled so that it crashes."""
    passing = list(range(1, 41))
    columns = list(COLUMNS)
    draw = random.Random(seed)
    while columns.index(DROPS) > columns.index(READS):
        draw.shuffle(columns)
    failing = list(passing)
    failing[COLUMNS[0] - 1:COLUMNS[-1]] = columns
    return passing, failing


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=peers.default_binary())
    parser.add_argument("--environment", default=peers.SOURCE / ".nbreplay/bench")
    parser.add_argument("--rows", type=int, default=20000)
    parser.add_argument("--permutations", type=int, default=5)
    parser.add_argument("--no-map", action="store_true", help="only the two permutations")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        variables = peers.clean_variables(pathlib.Path(scratch), options.environment)
        folder = pathlib.Path(scratch) / "notebook"
        peers.write_notebook(folder / "rentals.ipynb", cells(options.rows))
        if not options.no_map:
            found, seconds = run_orders(options, folder, variables)
            print("base run: %.2f s, safe to re-run: %s" % (found["cost"]["base_s"],
                                                          found["safety"]["answer"]))
            print("%-34s %8s %14s %8s  trials" % ("map of 40 cells, in base runs", "executed",
                                                  "from the top", "seconds"))
            show_map("nbreplay orders", found, seconds)
        print("%-34s %8s %14s %8s  %s" % ("two permutations", "pairs m", "bound", "tests",
                                          "what decides"))
        within = True
        for seed in range(1, options.permutations + 1):
            passing, failing = permutations(seed)
            found, seconds = run_orders(options, folder, variables,
                                        "--passing", ",".join(map(str, passing)),
                                        "--failing", ",".join(map(str, failing)))
            compared = found["comparison"]
            edit = compared["edit"] or {"pairs": [], "along": 0}
            pairs = [(pair["second"] + 1, pair["first"] + 1)
                     for pair in edit["pairs"][:len(edit["pairs"]) - edit["along"]]]
            print("%-34s %8d %14d %8d  %s %s" % (
                "permutation %d" % seed, compared["pairs"], compared["most_tests"],
                compared["tests"], compared["verdict"],
                ", ".join("%d before %d" % pair for pair in pairs)))
            within = within and compared["tests"] <= compared["most_tests"]
        print("two permutations, tests: at most ceil(log2 m) + 2, each  %s" % judged(within))


if __name__ == "__main__":
    main()
