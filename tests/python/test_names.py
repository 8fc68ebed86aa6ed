"""What a cell binds, reads, changes and deletes, case by case."""
import sys

import pytest

from cell_facts import facts_of, names

# source: what is expected; a field that is not named must be empty.
CASES = {
    "x = 1": {"definitions": "x"},
    "x = y": {"definitions": "x", "uses": "y"},
    "x = 1\ny = x": {"definitions": "x y"},
    "y = x\nx = 1": {"definitions": "x y", "uses": "x"},
    "a, (b, *c) = d": {"definitions": "a b c", "uses": "d"},
    "a = b = c": {"definitions": "a b", "uses": "c"},
    "x += 1": {"definitions": "x", "uses": "x"},
    "x: int = y": {"definitions": "x", "uses": "y"},
    "x: int": {},
    "print(len(x))": {"uses": "x"},
    "display(In, Out, _, get_ipython())": {},
    "del x": {"uses": "x", "deletions": "x"},
    "x = 1\ndel x": {"deletions": "x"},
    "del x\nx = 1": {"uses": "x", "definitions": "x"},
    "if c:\n    x = 1": {"uses": "c", "possible_definitions": "x"},
    "if c:\n    x = 1\nelse:\n    x = 2": {"uses": "c", "definitions": "x"},
    "if c:\n    x = 1\nelse:\n    raise E": {"uses": "E c", "definitions": "x"},
    "if c:\n    x = 1\nprint(x)": {"uses": "c x", "possible_definitions": "x"},
    "for i in r:\n    x = i": {"uses": "r", "possible_definitions": "i x"},
    "for i in r:\n    pass\nelse:\n    z = 1": {"uses": "r", "possible_definitions": "i z"},
    "while c:\n    x = 1": {"uses": "c", "possible_definitions": "x"},
    "while True:\n    x = 1\n    if c:\n        break\n    y = 1":
        {"uses": "c", "definitions": "x", "possible_definitions": "y"},
    "with o(p) as f:\n    x = f": {"uses": "o p", "definitions": "f x"},
    "with suppress(E):\n    x = 1": {"uses": "E suppress", "possible_definitions": "x"},
    "try:\n    x = f()\nexcept E:\n    x = 0": {"uses": "E f", "definitions": "x"},
    "try:\n    x = f()\nexcept E as e:\n    print(e)": {"uses": "E f", "possible_definitions": "x"},
    "try:\n    x = f()\nexcept E as e:\n    raise": {"uses": "E f", "definitions": "x"},
    "try:\n    pass\nexcept E as e:\n    pass\nprint(e)": {"uses": "E e"},
    "try:\n    a = f()\nfinally:\n    z = 1": {"uses": "f", "definitions": "a z"},
    "try:\n    a = f()\nexcept E:\n    pass\nelse:\n    b = a":
        {"uses": "E f", "possible_definitions": "a b"},
    "assert c, m": {"uses": "c m"},
    "import a.b": {"definitions": "a"},
    "import a.b as c": {"definitions": "c"},
    "from a import b as c, d": {"definitions": "c d"},
    "def f(a, b=d):\n    c = a + e\n    return c + f(b)":
        {"definitions": "f", "uses": "d", "deferred_uses": "e"},
    "def f():\n    return x\nf()": {"definitions": "f", "uses": "x", "deferred_uses": "x"},
    "def f():\n    return x\nx = 1\nf()": {"definitions": "f x", "deferred_uses": "x"},
    "def f():\n    return x\ndef g():\n    return f()\ng()":
        {"definitions": "f g", "uses": "x", "deferred_uses": "f x"},
    "def f():\n    global x\n    x = y": {"definitions": "f", "possible_definitions": "x",
                                         "deferred_uses": "y"},
    "def f():\n    def g():\n        nonlocal v\n        v = w\n    v = 1":
        {"definitions": "f", "deferred_uses": "w"},
    "def f():\n    x = 1\n    return [x for _ in y]": {"definitions": "f", "deferred_uses": "y"},
    "@d\ndef f():\n    pass": {"definitions": "f", "uses": "d"},
    "async def f():\n    async with a as b:\n        await b":
        {"definitions": "f", "deferred_uses": "a"},
    "await x": {"uses": "x"},
    "f = lambda a: a + b": {"definitions": "f", "deferred_uses": "b"},
    "f = lambda a: a + b\nf(1)": {"definitions": "f", "uses": "b", "deferred_uses": "b"},
    "m(lambda r: r + k)": {"uses": "k m", "deferred_uses": "k"},
    "class C(B):\n    a = b\n    c = a\n    def m(self):\n        return a + d":
        {"definitions": "C", "uses": "B b", "deferred_uses": "a d"},
    "class C:\n    def m(self):\n        return d\nC().m()":
        {"definitions": "C", "uses": "d", "deferred_uses": "d"},
    "[i for i in x if i > y]": {"uses": "x y"},
    "{k: v for k, v in x}": {"uses": "x"},
    "[j for i in x for j in i]": {"uses": "x"},
    "[(z := i) for i in x]": {"uses": "x", "possible_definitions": "z"},
    "if (n := f()):\n    pass": {"uses": "f", "definitions": "n"},
    "a and (n := b)": {"uses": "a b", "possible_definitions": "n"},
    "x = (n := 1) if c else 2": {"uses": "c", "definitions": "x", "possible_definitions": "n"},
    "i = 1\n[i for i in x]": {"uses": "x", "definitions": "i"},
    "f'{x!r:{w}}'": {"uses": "w x"},
    "x.a = 1": {"uses": "x", "mutations": "x"},
    "x[k] = 1": {"uses": "k x", "mutations": "x"},
    "x.a[0].b = 1": {"uses": "x", "mutations": "x"},
    "x.a += 1": {"uses": "x", "mutations": "x"},
    "del x[0]": {"uses": "x", "mutations": "x"},
    "x.append(1)": {"uses": "x", "mutations": "x"},
    "x.fit(y)": {"uses": "x y", "mutations": "x"},
    "x.a.update(y)": {"uses": "x y", "mutations": "x"},
    "x.head()": {"uses": "x"},
    "x.drop(1, inplace=True)": {"uses": "x", "mutations": "x"},
    "x.fillna(0).sum()": {"uses": "x", "mutations": "x"},
    "f(x)": {"uses": "f x"},
    "import random\nrandom.shuffle(x)": {"definitions": "random", "uses": "x", "mutations": "x"},
    "from heapq import heappush\nheappush(h, 1)":
        {"definitions": "heappush", "uses": "h", "mutations": "h"},
    "np.add(a, b, out=c)\nimport numpy as np": {"definitions": "np", "uses": "a b c np",
                                               "mutations": "c"},
    "import numpy as np\nnp.zeros(3)": {"definitions": "np"},
    "import numpy as np\nnp.random.seed(3)": {"definitions": "np", "mutations": "np"},
    "import os\nos.environ['a'] = 'b'": {"definitions": "os", "mutations": "os"},
    "def f(a, b):\n    b.x = 1\nf(p, q)": {"definitions": "f", "uses": "p q", "mutations": "q"},
    "def f():\n    d[1] = 2\nf()": {"definitions": "f", "uses": "d", "deferred_uses": "d",
                                   "mutations": "d"},
    "for i in x:\n    i.a = 1": {"uses": "x", "possible_definitions": "i", "mutations": "i"},
    "def f():\n    a = []\n    a.append(1)": {"definitions": "f"},
    "print(_3, _i12)": {},
    "if __name__ == '__main__':\n    x = y": {"uses": "y", "definitions": "x"},
    "raise E\nx = y": {"uses": "E y", "possible_definitions": "x"},
}
PATTERNS = {
    "match s:\n    case [a, *b]:\n        x = 1\n    case {'k': v, **r}:\n        x = 2":
        {"uses": "s", "possible_definitions": "a b r v x"},
    "match s:\n    case 1:\n        x = 1\n    case _:\n        x = 2":
        {"uses": "s", "definitions": "x"},
    "match s:\n    case P(q=z) if z > w:\n        pass":
        {"uses": "P s w", "possible_definitions": "z"},
}
if sys.version_info >= (3, 10):
    CASES.update(PATTERNS)

FIELDS = ("definitions", "possible_definitions", "uses", "deferred_uses", "mutations", "deletions")


@pytest.mark.parametrize("source", sorted(CASES))
def test_names(source):
    found = facts_of(source)
    assert found["problem"] == ""
    expected = CASES[source]
    for field in FIELDS:
        assert sorted(names(found, field)) == expected.get(field, "").split(), field
    assert not found["opaque"]


@pytest.mark.parametrize("source", [
    "from a import *", "exec(x)", "eval('x')", "globals()['a'] = 1", "def f():\n    exec(x)",
    "%run other.ipynb", "%%cython\ndef f(): pass", "%pylab", "%reset -f", "__import__('a')"])
def test_opaque(source):
    assert facts_of(source)["opaque"]


@pytest.mark.parametrize("source", [
    "model.eval()", "df.eval('a + b')", "vars(x)", "%matplotlib inline", "%load_ext autoreload",
    "!ls", "%%bash\nls", "%%html\n<b>", "%%writefile a.py\nx = 1", "%pip install a", "%cd a"])
def test_not_opaque(source):
    assert not facts_of(source)["opaque"]


def test_lines_are_those_of_the_first_occurrence():
    found = facts_of("\nx = 1\nx = y\nz = y")
    assert found["definitions"] == [("x", 2), ("z", 4)]
    assert found["uses"] == [("y", 3)]


def test_a_builtin_that_another_cell_rebinds_is_a_use():
    assert names(facts_of("print(list(x))"), "uses") == ["x"]
    assert names(facts_of("print(list(x))", "list = [1]"), "uses") == ["list", "x"]


def test_what_another_cell_imports_is_a_module():
    assert names(facts_of("plt.figure(x)"), "mutations") == ["plt"]
    assert names(facts_of("plt.figure(x)", "import matplotlib.pyplot as plt"), "mutations") == []


def test_a_function_of_another_cell_changes_its_argument():
    other = "def add(frame, by):\n    frame['a'] = by"
    assert names(facts_of("add(df, k)", other), "mutations") == ["df"]
    assert names(facts_of("add(by=k, frame=df)", other), "mutations") == ["df"]
    assert names(facts_of("add = g\nadd(df, k)", other), "mutations") == []


def test_a_function_of_another_cell_binds_a_global_name():
    other = "def count():\n    global n\n    n = 1"
    assert names(facts_of("count()", other), "possible_definitions") == ["n"]


def test_a_cell_that_does_not_parse_still_tells_what_it_would_bind():
    found = facts_of("x = 1\ndef f():\n    return (\ny = [\nclass C: pass\nimport numpy as np")
    assert found["problem"]
    assert set(names(found, "definitions")) == {"x", "f", "y", "C", "np"}
    assert found["statements"] == [] and found["edits"] == []
