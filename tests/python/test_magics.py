"""Magic and shell lines: what they read and bind, and where the code around them stands."""
import pytest

from cell_facts import data_of, facts_of, names

CASES = {
    "%matplotlib inline\nx = 1": {"definitions": "x"},
    "!ls -la": {},
    "!ls {path}/$name": {"uses": "name path"},
    "files = !ls {path}": {"definitions": "files", "uses": "path"},
    "files=!ls": {"definitions": "files"},
    "a.b = !ls": {"uses": "a", "mutations": "a"},
    "here = %pwd": {"definitions": "here"},
    "x = %timeit -o f(y)": {"definitions": "x", "uses": "f y"},
    "%time x = f(y)": {"definitions": "x", "uses": "f y"},
    "%timeit -n 10 -r3 x = f(y)": {"uses": "f y"},
    "%prun -l 10 f(y)": {"uses": "f y"},
    "%lprun -f g f(y)": {"uses": "f y"},
    "%%time\nx = y": {"definitions": "x", "uses": "y"},
    "%%timeit -n 3 s = z\nx = s + y": {"uses": "y z"},
    "%%capture out\nx = y": {"definitions": "out x", "uses": "y"},
    "%%time\n%%capture\nx = y": {"definitions": "x", "uses": "y"},
    "\n\n%%time\nx = y": {"definitions": "x", "uses": "y"},
    "%%bash\nx = $(ls)": {},
    "%%bash --out result\nls": {"definitions": "result"},
    "%%html\n<b>{x}</b>": {},
    "x?": {"uses": "x"},
    "?x.y": {"uses": "x"},
    "x.y??": {"uses": "x"},
    "%time?": {},
    "if a:\n    !rm $b\nelse:\n    %cd {c}": {"uses": "a b c"},
    "for i in x:\n    %time y = i": {"uses": "x", "possible_definitions": "i y"},
    "!echo a \\\n  {b}\nx = 1": {"uses": "b", "definitions": "x"},
    ">>> x = 1\n>>> y = x": {"definitions": "x y"},
    "In [3]: x = y": {"definitions": "x", "uses": "y"},
    "  x = 1\n  y = x": {"definitions": "x y"},
    "ls": {"uses": "ls"},
    "pip install numpy": {},
    "%xdel x": {"uses": "x", "deletions": "x"},
    "x = '''\n%time y\n'''\n%time z = x": {"definitions": "x z"},
    "x = (1\n% y)\n!ls": {"definitions": "x", "uses": "y"},
    "x = \"a # b'\"  # it's\n!ls {y}": {"definitions": "x", "uses": "y"},
    "x = a != b": {"definitions": "x", "uses": "a b"},
    "x = a %b": {"definitions": "x", "uses": "a b"},
}
FIELDS = ("definitions", "possible_definitions", "uses", "mutations", "deletions")


@pytest.mark.parametrize("source", sorted(CASES))
def test_names(source):
    found = facts_of(source)
    assert found["problem"] == ""
    for field in FIELDS:
        assert sorted(names(found, field)) == CASES[source].get(field, "").split(), field


@pytest.mark.parametrize("source, texts", [
    ("x = 1\n!ls {é}\ny = 'é'; z = 2", ["x = 1", "!ls {é}", "y = 'é'", "z = 2"]),
    ("%%time\nx = 1", ["%%time", "x = 1"]),
    ("%%bash\nls\npwd\n", ["%%bash\nls\npwd"]),
    ("if a:\n    %cd b\n", ["if a:\n    %cd b", "%cd b"]),
    (">>> x = 1\n>>> y = 2", ["x = 1", "y = 2"]),
    ("  x = 1\n  y = 2", ["x = 1", "y = 2"]),
    ("!a \\\n b\nx = 1", ["!a \\\n b", "x = 1"]),
    ("x = 1\r\n!ls\r\ny = 2", ["x = 1", "!ls", "y = 2"]),
    ("x = '\ud800'\ny = 2", ["x = '\ud800'", "y = 2"]),
    ("x = '\x0c\u2028'\ny = 2", ["x = '\x0c\u2028'", "y = 2"]),
])
def test_places_are_bytes_of_the_original_source(source, texts):
    data = data_of(source)
    found = [data[begin:end].decode("utf-8", "surrogatepass")
             for _, begin, end, _, _, _, _, _ in facts_of(source)["statements"]]
    assert found == texts


def test_a_magic_is_a_statement_of_its_own_kind():
    kinds = [statement[5] for statement in facts_of("x = 1\ny = !ls\n%time z = 1")["statements"]]
    assert kinds == ["Assign", "Magic", "Magic"]


def test_what_writefile_writes_is_a_file():
    found = facts_of("%%writefile -a util/x.py\nimport y")
    assert found["files"] == [("util/x.py", "%%writefile", True, 1)]
