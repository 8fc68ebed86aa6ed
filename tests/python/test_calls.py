"""Imports, files, column names and randomness."""
import pytest

from cell_facts import facts_of


def test_imports():
    found = facts_of("import a.b, c as d\nfrom e.f import g as h, i\nfrom . import j\n"
                     "from k import *\ndef f():\n    import l")
    assert found["imports"] == [
        ("a.b", "", "a", 1), ("c", "", "d", 1), ("e.f", "g", "h", 2), ("e.f", "i", "i", 2),
        (".", "j", "j", 3), ("k", "*", "", 4), ("l", "", "l", 6)]


FILES = {
    "open('a.txt')": ("a.txt", "open", False),
    "open('a.txt', 'w')": ("a.txt", "open", True),
    "open('a.txt', mode='ab')": ("a.txt", "open", True),
    "open(file='a.txt')": ("a.txt", "open", False),
    "import pandas as pd\npd.read_csv('a.csv', sep=';')": ("a.csv", "pandas.read_csv", False),
    "pd.read_excel(io='a.xls')": ("a.xls", "pandas.read_excel", False),
    "from pandas import read_csv as r\nr('a.csv')": ("a.csv", "pandas.read_csv", False),
    "df.to_csv('a.csv')": ("a.csv", "df.to_csv", True),
    "df.head().to_csv('a.csv')": ("a.csv", "to_csv", True),
    "np.load('a.npy')": ("a.npy", "numpy.load", False),
    "np.savetxt('a.txt', x)": ("a.txt", "numpy.savetxt", True),
    "import joblib\njoblib.load('m.pkl')": ("m.pkl", "joblib.load", False),
    "import joblib\njoblib.dump(m, 'm.pkl')": ("m.pkl", "joblib.dump", True),
    "import torch\ntorch.save(m, 'm.pt')": ("m.pt", "torch.save", True),
    "import pickle\npickle.load(open('m.pkl', 'rb'))": ("m.pkl", "open", False),
    "from PIL import Image\nImage.open('a.png')": ("a.png", "PIL.Image.open", False),
    "plt.imread('a.png')": ("a.png", "matplotlib.pyplot.imread", False),
    "plt.savefig('a.png')": ("a.png", "matplotlib.pyplot.savefig", True),
    "from pathlib import Path\nPath('a.txt').read_text()":
        ("a.txt", "pathlib.Path.read_text", False),
    "from pathlib import Path\n(Path('d') / 'a.txt').write_text('')": ("d/a.txt", "write_text",
                                                                      True),
    "import os\nos.listdir('d')": ("d", "os.listdir", False),
    "import os\nos.makedirs('d')": ("d", "os.makedirs", True),
    "import glob\nglob.glob('d/*.csv')": ("d/*.csv", "glob.glob", False),
    "import os\nopen(os.path.join('d', 'a.txt'))": ("d/a.txt", "open", False),
    "folder = 'd/'\nopen(folder + 'a.txt')": ("d/a.txt", "open", False),
    "folder = 'd'\nopen(f'{folder}/a.txt')": ("d/a.txt", "open", False),
}


@pytest.mark.parametrize("source", sorted(FILES))
def test_files(source):
    assert [found[:3] for found in facts_of(source)["files"]] == [FILES[source]]


@pytest.mark.parametrize("source", ["json.load(f)", "config.load('x')", "open(name)",
                                    "stack.copy()", "r.read('abc')", "d.get('a.csv')"])
def test_no_files(source):
    assert facts_of(source)["files"] == []


def test_a_path_may_be_bound_in_another_cell():
    assert facts_of("open(NAME)", "NAME = 'a.txt'")["files"] == [("a.txt", "open", False, 1)]
    assert facts_of("open(NAME)", "NAME = 'a.txt'", "NAME = 'b.txt'")["files"] == []


KEYS = {
    "df['a']": ["a"], "df[['a', 'b']]": ["a", "b"], "df.loc[0, 'a']": ["a"],
    "df.groupby('a')": ["a"], "df.groupby(['a', 'b'])": ["a", "b"], "df.drop(columns=['a'])": ["a"],
    "df.rename(columns={'a': 'b'})": ["a"], "df.merge(e, on='a')": ["a"],
    "sns.barplot(x='a', y='b', data=d)": ["a", "b"], "d[k]['a'] = 1": ["a"],
    "df.agg({'a': 'sum'})": ["a"], "print('a')": [],
}


@pytest.mark.parametrize("source", sorted(KEYS))
def test_string_keys(source):
    assert sorted(facts_of(source)["string_keys"]) == KEYS[source]


@pytest.mark.parametrize("source", [
    "import random\nrandom.random()", "import numpy as np\nnp.random.rand(3)",
    "from sklearn.model_selection import train_test_split\ntrain_test_split(x)",
    "import time\ntime.time()", "from datetime import datetime\ndatetime.now()",
    "import uuid\nuuid.uuid4()", "for x in {1, 2}:\n    pass", "list(set(a))",
    "[x for x in set(a)]", "np.random.default_rng()", "df.sample(3)", "hash('a')",
    "import time, random\nrandom.seed(1)\ntime.time()", "from random import choice\nchoice(x)"])
def test_random(source):
    assert facts_of(source)["random"]


@pytest.mark.parametrize("source", [
    "x = 1", "import random", "import random\nrandom.seed(3)",
    "import numpy as np\nnp.random.seed(3)\nnp.random.rand()",
    "train_test_split(x, random_state=1)", "np.random.default_rng(1)", "sorted(set(a))",
    "import time\ntime.sleep(1)", "df.sample(3, random_state=2)"])
def test_not_random(source):
    assert not facts_of(source)["random"]


@pytest.mark.parametrize("source, expected", [
    ("np.random.seed(1)", True), ("torch.manual_seed(1)", True), ("tf.random.set_seed(1)", True),
    ("seed = 1", False), ("np.random.rand()", False)])
def test_seeds(source, expected):
    assert facts_of(source)["seeds"] is expected
