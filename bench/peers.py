"""What the benchmarks share: notebooks, peers, and timing them fairly.

Peers run from one environment (bench/requirements.txt), the notebook's libraries included, each in
the way that its own documentation gives for a command line.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parents[1]

LEARNING = [
    "import numpy as np\nimport pandas as pd\nfrom sklearn.linear_model import LogisticRegression\n"
    "from sklearn.model_selection import train_test_split\nfrom sklearn.preprocessing import "
    "StandardScaler",
    "rng = np.random.default_rng(7)\n"
    "visits = pd.DataFrame({'age': rng.integers(18, 80, 2000), 'spend': rng.gamma(2, 30, 2000)})\n"
    "visits['returned'] = (visits['spend'] + rng.normal(0, 20, 2000) > 60).astype(int)\n"
    "visits.describe()",
    "train, test = train_test_split(visits, random_state=1)\nscaler = StandardScaler()\n"
    "x_train = scaler.fit_transform(train[['age', 'spend']])\n"
    "x_test = scaler.transform(test[['age', 'spend']])",
    "model = LogisticRegression().fit(x_train, train['returned'])",
    "print(round(model.score(x_test, test['returned']), 3))",
]

#: name -> sources of the cells.
WORKLOADS = {
    "1 cell": ["1 + 1"],
    "100 cells": ["value_%d = %d" % (i, i) if i % 2 else "value_%d = %d\nvalue_%d" % (i, i, i)
                  for i in range(100)],
    "5 cells, scikit-learn": LEARNING,
}


def notebook(cells):
    return {"nbformat": 4, "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3",
                                        "language": "python"}},
            "cells": [{"cell_type": "code", "id": "cell-%d" % i, "metadata": {}, "source": source,
                       "outputs": [], "execution_count": None} for i, source in enumerate(cells)]}


def write_notebook(path, cells):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook(cells)), encoding="utf-8")
    return path


def environment_bin(environment):
    folder = pathlib.Path(environment) / "bin"
    if not (folder / "python").exists():
        sys.exit("error: no environment at %s\n\nhint: uv venv --python 3.11 %s && uv pip install "
                 "--python %s/bin/python -r bench/requirements.txt" % ((environment,) * 3))
    return folder


def default_binary():
    return os.environ.get("NBREPLAY_BINARY") or str(SOURCE / "build/release/bin/nbreplay")


def clean_variables(folder, environment):
    """Variables alike for every peer: nothing of the caller's but PATH."""
    return {"PATH": "%s:%s" % (environment_bin(environment), os.environ["PATH"]),
            "HOME": str(folder), "LANG": "C.UTF-8", "XDG_CACHE_HOME": str(folder / "cache")}


def wall(argv, cwd, variables):
    """Seconds of a whole process; a peer that fails ends the benchmark."""
    start = time.perf_counter()
    done = subprocess.run(argv, cwd=cwd, env=variables, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit("error: %s ended with %s:\n%s" % (" ".join(argv), done.returncode, done.stdout))
    return seconds


def summary(times):
    return "%6.2f (%5.2f)" % (statistics.median(times), min(times))
