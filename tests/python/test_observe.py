"""What cells are seen to do with names, cell by cell of small notebooks."""
import ast
import inspect
import linecache
import pickle
import sys
import traceback

import pytest

from nbreplay_worker import observe


class Notebook:
    """Runs cells as the plain shell does, observed."""

    def __init__(self):
        self.namespace = {"__name__": "__main__"}
        self.observer = observe.Observer(self.namespace)
        self.count = 0

    def run(self, source):
        """(reads, writes, changes) as sorted lists of names in one text each, and complete."""
        self.count += 1
        name = "<cell %d>" % self.count
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        self.observer.start(source)
        self.error = None
        try:
            code = self.observer.compile(ast.parse(source), True,
                                         lambda tree: compile(tree, name, "exec"))
            exec(code, self.namespace)
        except Exception as error:
            self.error = error
        reads, writes, changes, self.complete = self.observer.finish()
        return " ".join(reads), " ".join(writes), " ".join(changes)


def last_of(*sources):
    notebook = Notebook()
    for source in sources[:-1]:
        notebook.run(source)
        assert notebook.error is None
    found = notebook.run(sources[-1])
    assert notebook.complete
    return found


# earlier cells, the cell: what it reads, binds and changes
CASES = [
    (("x = 1",), ("", "x", "")),
    (("x = 1", "y = x"), ("x", "y", "")),
    (("x = 1", "x = 2\ny = x"), ("", "x y", "")),
    (("x = 1", "y = x\nx = 2"), ("x", "x y", "")),
    (("x = 1", "x += 1"), ("x", "x", "")),
    (("x = 1", "print(len('a'), x)"), ("x", "", "")),
    (("x = 1", "del x"), ("x", "x", "")),
    # only what ran
    (("a = b = 1; c = False", "if c:\n    y = a\nelse:\n    z = b"), ("b c", "z", "")),
    (("a = []; b = 1", "for i in a:\n    y = b"), ("a", "", "")),
    (("a = [1]; b = 1", "for i in a:\n    y = b"), ("a b", "i y", "")),
    (("a = 1", "try:\n    y = a\nexcept KeyError:\n    z = y"), ("a", "y", "")),
    (("a = 1", "if a:\n    y = 2\nz = y"), ("a", "y z", "")),
    (("y = 1", "try:\n    1 / 0\n    y = 2\nexcept ZeroDivisionError:\n    pass\nz = y"),
     ("y", "y z", "")),
    (("a = [1, 2]", "for i in a:\n    if i > 1:\n        b = i"), ("a", "b i", "")),
    # functions of earlier cells
    (("x = 1", "def f():\n    return x", "y = f()"), ("f x", "y", "")),
    (("x = 1", "def f():\n    'doc'\n    return x", "y = f"), ("f", "y", "")),
    (("x = 1", "def f():\n    return x"), ("", "f", "")),
    (("n = 0", "def f():\n    global n\n    n += 1", "f()"), ("f n", "n", "")),
    (("x = 1; f = lambda a: a + x", "y = f(1)"), ("f x", "y", "")),
    (("k = 2", "class C:\n    def m(self):\n        return k", "c = C()", "y = c.m()"),
     ("c k", "y", "")),
    (("k = 2; g = (i * k for i in range(3))", "y = sum(g)"), ("g k", "y", "g")),
    (("x = 1", "def f():\n    return x\nx = 2\ny = f()"), ("", "f x y", "")),
    (("x = 1", "def f():\n    return x", "x = f()\ny = x"), ("f x", "x y", "")),
    # contents
    (("a = [1]", "a.append(2)"), ("a", "", "a")),
    (("a = [1]", "a.count(1)"), ("a", "", "")),
    (("a = [[1]]; b = a[0]", "b.append(2)"), ("b", "", "a b")),
    (("a = {'k': 1}", "a['k'] = 2"), ("a", "", "a")),
    (("a = {'k': 1}", "a['k'] = 1"), ("a", "", "")),
    (("class C: pass\nc = C(); c.v = 1", "c.v += 1"), ("c", "", "c")),
    (("class C: n = 0", "C.n = 1"), ("C", "", "C")),
    (("a = []", "def f(v, to=a):\n    to.append(v)", "f(1)"), ("f", "", "a f")),
    (("def make():\n    s = []\n    return s.append\nf = make()", "f(1)"), ("f", "", "f")),
    (("i = iter([1, 2])", "next(i)"), ("i", "", "i")),
    (("i = zip([1, 2])", "y = list(i)"), ("i", "y", "i")),
    (("def g():\n    yield 1\ni = g()", "y = list(i)"), ("i", "y", "i")),
    (("a = [1]; b = a", "a.append(1)\na = []"), ("a", "a", "b")),
    (("import random", "random.seed(1)"), ("random", "", "random")),
    (("import math", "y = math.pi"), ("math", "y", "")),
    (("a = bytearray(3)", "a[0] = 1"), ("a", "", "a")),
    (("import collections\na = collections.deque([1])", "a.popleft()"), ("a", "", "a")),
]


@pytest.mark.parametrize("sources, expected", CASES, ids=[str(case[0]) for case in CASES])
def test_cells(sources, expected):
    assert last_of(*sources) == expected


@pytest.mark.parametrize("source", ["exec('y = x')", "y = eval('x')", "globals()['y'] = x",
                                    "import __main__\n__main__.y = 1", "from os import *"])
def test_what_runs_text_is_not_complete(source):
    notebook = Notebook()
    notebook.run("x = 1")
    notebook.run(source)
    assert not notebook.complete


def test_bindings_are_seen_however_they_came_about():
    notebook = Notebook()
    assert "y" in notebook.run("globals()['y'] = 1")[1].split()


def test_a_name_that_is_missing_is_read():
    notebook = Notebook()
    assert notebook.run("try:\n    x\nexcept NameError:\n    pass")[0] == "x"


def test_a_cell_that_raises_says_what_it_did_before():
    notebook = Notebook()
    notebook.run("a = 1")
    assert notebook.run("x = a\n1 / 0\ny = b") == ("a", "x", "")
    assert isinstance(notebook.error, ZeroDivisionError)


def test_compiled_functions_have_no_markers_and_are_read_where_they_are_used():
    notebook = Notebook()
    notebook.run("x = 1\ndef jit(f):\n    return f")
    notebook.run("@jit\ndef f():\n    return x")
    constants = notebook.namespace["f"].__code__.co_consts
    assert not any(isinstance(constant, dict) for constant in constants)
    assert notebook.run("y = f()")[0] == "f x"


def test_functions_look_as_they_were_written():
    source = ("import functools\n\n\ndef f(a):\n    'The doc.'\n    if a:\n        return a\n"
              "    return 1 / a\n\n\n@functools.lru_cache()\ndef g():\n    return f(0)\n")
    notebook = Notebook()
    notebook.run(source)
    f = notebook.namespace["f"]
    assert f.__doc__ == "The doc."
    assert inspect.getsource(f) == source.split("\n\n\n")[1] + "\n"
    assert inspect.getsource(notebook.namespace["g"].__wrapped__) == source.split("\n\n\n")[2]
    assert hash(f.__code__) == hash(f.__code__) and f.__code__ == f.__code__
    with pytest.raises(ZeroDivisionError) as caught:
        notebook.namespace["g"]()
    lines = [(entry.name, entry.lineno) for entry in traceback.extract_tb(caught.value.__traceback__)]
    assert lines[1:] == [("g", 13), ("f", 8)]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="places in lines since 3.11")
def test_places_in_lines_are_kept():
    source = "f = lambda a: (\n    a + 1 / a)\nf(0)"
    plain = compile(source, "<cell>", "exec")
    notebook = Notebook()
    notebook.run(source)

    def places(namespace):
        try:
            namespace["f"](0)
        except ZeroDivisionError as error:
            last = error.__traceback__.tb_next
            return list(last.tb_frame.f_code.co_positions())[last.tb_lasti // 2]

    expected = {}
    with pytest.raises(ZeroDivisionError):
        exec(plain, expected)
    assert places(notebook.namespace) == places(expected)


def test_the_record_of_what_ran_does_not_travel():
    assert pickle.loads(pickle.dumps(observe._Seen({1: None}))) == {}


@pytest.mark.parametrize("source", [
    "async def f():\n    async with a as b:\n        async for c in b:\n            yield c",
    "with open(__file__) as f, open(__file__) as g:\n    pass",
    "def f():\n    nonlocal_ = 1\n    def g():\n        nonlocal nonlocal_\n        nonlocal_ = x\n"
    "    return g",
    "'doc'\nfrom __future__ import annotations\nx = 1",
    "f = lambda: (yield)", "x = [i for i in range(3) if (j := i)]",
    "def f():\n    'only a doc'", "while x:\n    x -= 1\n    continue\nelse:\n    pass",
])
def test_marked_code_compiles(source):
    observer = observe.Observer({})
    observer.start(source)
    observer.compile(ast.parse(source), True, lambda tree: compile(tree, "<cell>", "exec"))
    assert observer._complete


@pytest.mark.skipif(sys.version_info < (3, 10), reason="match since 3.10")
def test_match():
    assert last_of("a = [1, 2]; b = 3", "match a:\n    case [p, *q] if p == 1:\n        y = b\n"
                   "    case r:\n        z = b")[0] == "a b"


@pytest.mark.parametrize("sources, expected", [
    (("a = np.zeros(3)", "a[0] = 1"), "a"),
    (("a = np.zeros(3)", "a.sum()"), ""),
    (("a = np.zeros(6)[::2]; b = a[1:]", "b += 1"), "a b"),
    (("a = np.zeros((2, 3)).T", "a[1, 1] = 1"), "a"),
    (("a = np.array([[1], 'x'], dtype=object)", "a[0].append(1)"), "a"),
    (("r = np.random.RandomState(1)", "r.normal()"), "r"),
])
def test_arrays(sources, expected):
    pytest.importorskip("numpy")
    assert last_of("import numpy as np", *sources)[2] == expected


@pytest.mark.parametrize("sources, expected", [
    (("", "df['a'] = 1"), "df"),
    (("", "df.describe(); df.values; df.groupby('a').mean(); df['a'].sum()"), ""),
    (("df['c'] = df['a'] * 2", "df.values; df.copy()"), ""),
    (("", "df.loc[0, 'a'] = 9"), "df"),
    (("", "df.drop(columns='a', inplace=True)"), "df"),
    (("", "df.columns = ['p', 'q']"), "df"),
    (("df['d'] = pd.to_datetime(['2020-01-01'] * 3)", "df.loc[0, 'd'] = pd.Timestamp(0)"), "df"),
    (("s = df['a'].copy()", "s.iloc[0] = 7"), "s"),
    (("x = df.head()", "y = x + 1 if False else x"), ""),
    (("df['c'] = df['a'] * 2", "df['c'] = df['a'] * 2"), ""),
    (("df['s'] = ['p', 'q', 'r']", "df.loc[0, 's'] = 'z'"), "df"),
    (("df['s'] = ['p', 'q', 'r']", "df['s'].str.upper()"), ""),
    (("df['k'] = pd.Categorical(['p', 'q', 'p'])", "df.loc[0, 'k'] = 'q'"), "df"),
    (("df['n'] = pd.array([1, 2, None], dtype='Int64')", "df.loc[0, 'n'] = 5"), "df"),
])
def test_frames(sources, expected):
    pytest.importorskip("pandas")
    make = "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2, 3], 'b': [1.5, 2.5, 3.5]})"
    assert last_of(make, *sources)[2] == expected


def test_a_column_changes_with_its_frame_where_pandas_shares_them():
    pytest.importorskip("pandas")
    notebook = Notebook()
    notebook.run("import pandas as pd\ndf = pd.DataFrame({'a': [1, 2, 3]})\ns = df['a']")
    changes = notebook.run("df.loc[0, 'a'] = 7")[2].split()
    assert ("s" in changes) == (notebook.namespace["s"].iloc[0] == 7)
    assert "df" in changes


def test_nothing_of_the_notebooks_classes_is_called():
    notebook = Notebook()
    notebook.run("calls = []\n"
                 "class Meta(type):\n"
                 "    def __getattribute__(cls, name):\n"
                 "        calls.append(name)\n        return type.__getattribute__(cls, name)\n"
                 "class Odd(list, metaclass=Meta):\n"
                 "    def __getattribute__(self, name): calls.append(name)\n"
                 "    def __iter__(self): calls.append('iter'); return iter(())\n"
                 "    def __len__(self): calls.append('len'); return 0\n"
                 "    def __eq__(self, other): calls.append('eq')\n"
                 "    def __hash__(self): calls.append('hash'); return 1\n"
                 "    def __bool__(self): calls.append('bool')\n"
                 "odd = Odd([1])\nkept = {'odd': odd}")
    del notebook.namespace["calls"][:]
    found = notebook.run("other = odd, kept, Odd")
    assert notebook.namespace["calls"] == []
    assert found == ("Odd kept odd", "other", "")
    assert notebook.namespace["calls"] == []
    notebook.run("list.append(odd, 2)")
    assert notebook.namespace["calls"] == []


def test_large_content_is_left_out_and_said_to_be(monkeypatch):
    monkeypatch.setattr(observe.fingerprints, "MAX_ITEMS", 100)
    notebook = Notebook()
    notebook.run("a = list(range(1000))")
    assert notebook.run("a.append(1)")[2] == "a"
    assert not notebook.complete
