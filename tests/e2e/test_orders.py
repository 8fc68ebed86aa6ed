"""orders: the map, the answer about re-running, and what decides between two orders."""
import json

import jsonschema
import pytest
from conftest import SOURCE, code_cell

CELLS = [
    "import pandas as pd",
    "bills = pd.DataFrame({'meal': [21, 15, 40], 'tip': [3, 1, 8], 'table': [1, 2, 3]})",
    "guests = len(bills)",
    "def share(frame):\n    return frame['tip'] / frame['meal']",
    "bills['share'] = share(bills)",
    "bills = bills.drop(columns='table')",
    "print(guests)",
    "%time generous = bills[bills['share'] > 0.1]",
    "generous.describe()",
    "assert len(generous) == 2, share(bills)",
]


@pytest.fixture(scope="module")
def orders(nbreplay, demo_environment):
    return lambda *arguments, **keys: nbreplay(
        "orders", *arguments, "--environment", demo_environment, "--no-progress", **keys)


def document_of(done):
    document = done.json()
    schema = json.loads((SOURCE / "schemas" / "orders.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(document)
    assert len(document["notebooks"]) == 1
    return document["notebooks"][0]


def entry(found, change, cell):
    return next(one for one in found["map"] if (one["change"], one["cell"]) == (change, cell))


def end_of(found, change, cell):
    outcome = entry(found, change, cell)["outcome"]
    return (outcome["observed"] or {}).get("ename", outcome["end"]), outcome["cell"]


def test_map_of_a_notebook_that_is_not_safe(orders, make_notebook):
    path = make_notebook("bills", *CELLS)
    done = orders(path, "--json")
    assert done.code == 1, done
    found = document_of(done)
    assert found["base"]["outcome"]["end"] == "passes"
    assert found["measured"] and found["incomplete"] == []
    assert found["safety"]["answer"] == "unsafe" and found["safety"]["cell"] == 5
    assert found["safety"]["run"]["outcome"]["origin"] == "fresh"
    assert found["safety"]["run"]["order"] == [0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9]
    assert end_of(found, "skip", 0) == ("NameError", 1)
    assert end_of(found, "skip", 4) == ("KeyError", 7)
    assert end_of(found, "skip", 6) == ("passes", None)
    assert end_of(found, "repeat", 5) == ("KeyError", 5)
    assert end_of(found, "repeat", 4) == ("passes", None)
    # The function reads its argument only: it is the cell that calls it that reads `bills`.
    assert entry(found, "swap", 3)["before"] is None
    assert end_of(found, "swap", 4) == ("NameError", 4)
    assert entry(found, "swap", 4)["before"] == 3
    conflicts = {(one["first"], one["second"]): one["through"] for one in found["conflicts"]}
    assert conflicts[(4, 5)] == ["bills"] and conflicts[(3, 4)] == ["share"]
    assert (2, 5) in conflicts and (2, 3) not in conflicts
    # Only what a change can affect runs again.
    assert entry(found, "skip", 7)["order"] == [0, 1, 2, 3, 4, 5, 6, 8, 9]
    assert entry(found, "repeat", 2)["order"] == [0, 1, 2, 2]
    assert all(tried["outcome"]["end"] == "passes" for tried in found["orders"])
    assert found["cost"]["base_runs"] <= found["cost"]["base_runs_from_top"]


def test_a_safe_notebook_says_what_that_rests_on(orders, make_notebook):
    path = make_notebook("safe", "rates = [1, 2, 3]", "total = sum(rates)",
                         "def mean():\n    return total / len(rates)", "print(mean())")
    done = orders(path)
    assert done.code == 0, done
    assert "re-run" in done.out and "safe" in done.out
    assert any(word in done.out for word in ("branched", "warm", "fresh")), done
    assert max(map(len, done.out.splitlines())) <= 100


def test_the_matrix_fits_into_80_columns(orders, make_notebook):
    path = make_notebook("wide", *["value_%d = %s" % (n, "value_%d" % (n - 1) if n else 1)
                                   for n in range(12)], "raise_nothing = missing_name_of_a_cell")
    done = orders(path)
    assert done.code == 1, done
    rows = [line for line in done.out.splitlines() if line[:4].strip().isdigit()]
    assert len(rows) == 13 and max(map(len, rows)) <= 80, done


@pytest.mark.parametrize("shell", ["ipython", "plain"])
def test_both_shells_measure(orders, make_notebook, shell):
    path = make_notebook("shells", "items = [1]", "def grow():\n    items.append(2)", "grow()",
                         "last = items[1]")
    found = document_of(orders(path, "--json", "--shell", shell))
    conflicts = {(one["first"], one["second"]): one["through"] for one in found["conflicts"]}
    assert conflicts.get((2, 3)) == ["items"], found
    assert end_of(found, "skip", 2) == ("IndexError", 3)


def test_the_recorded_order_is_the_base_where_it_is_complete(orders, make_notebook):
    path = make_notebook("recorded", code_cell("b = a", count=2), code_cell("a = 1", count=1),
                         code_cell("c = a + b", count=3))
    found = document_of(orders(path, "--json"))
    assert found["base"] == {**found["base"], "from": "recorded", "order": [1, 0, 2]}
    top = next(one for one in found["orders"] if one["from"] == "top-to-bottom")
    assert top["outcome"]["cell"] == 0 and top["outcome"]["observed"]["ename"] == "NameError"


def test_what_a_folder_remembers_makes_a_repeat_crash(orders, make_notebook):
    path = make_notebook("folder", "import os", "os.mkdir('out')", "print(os.listdir('out'))")
    found = document_of(orders(path, "--json"))
    assert found["safety"]["cell"] == 1
    assert end_of(found, "repeat", 1) == ("FileExistsError", 1)
    assert end_of(found, "skip", 1) == ("FileNotFoundError", 2)


SESSION = ["stock = {'tea': 4}", "orders = []", "orders.append(stock['tea'])", "del stock['tea']",
           "print(len(orders))"]


@pytest.mark.parametrize("passing, failing, kind, cells", [
    ("1,2,3,4,5", "1,2,3,4,4,5", "insert", [3]),
    ("1,2,3,4,5", "1,3,4,5", "delete", [1]),
    ("1,2,3,4,5", "1,2,4,3,5", "move", [2, 3]),
])
def test_what_decides_between_two_orders(orders, make_notebook, passing, failing, kind, cells):
    path = make_notebook("session", *SESSION)
    done = orders(path, "--json", "--passing", passing, "--failing", failing)
    found = document_of(done)["comparison"]
    assert done.code == 0, done
    assert found["verdict"] == "confirmed"
    assert found["edit"]["kind"] == kind and found["edit"]["cells"] == cells
    assert found["with_edit"]["outcome"]["origin"] == "fresh"
    assert found["without_edit"]["outcome"]["origin"] == "fresh"
    if kind == "move":
        assert found["tests"] <= found["most_tests"]


def test_a_failing_order_is_shown_as_it_was_given(orders, make_notebook):
    path = make_notebook("session", *SESSION)
    done = orders(path, "--passing", "1,2,3,4,5", "--failing", "1,3,2,4,5")
    shown = " ".join(done.out.split())
    assert "failing 1,3,2,4,5: crashes in cell 3" in shown, done
    assert "3 executions behind it not reached" in shown, done


def test_the_answer_counts_what_is_not_safe_and_explains_what_is_shown(orders, make_notebook):
    path = make_notebook("drops", "stock = {'tea': 4, 'milk': 1}", "del stock['tea']",
                         "del stock['milk']")
    done = orders(path)
    shown = " ".join(done.out.split())
    assert "cell 2 run twice crashes in cell 2: KeyError: 'tea' (fresh); 1 more cell makes" in shown
    assert "NameError in 2: cell 2 raises it then." in shown and "KeyError in 4" not in shown
    only = orders(make_notebook("only", "x = 1"))
    assert "raises it then" not in only.out and "came to no end" not in only.out, only


def test_orders_that_do_not_end_as_given_are_refused(orders, make_notebook):
    path = make_notebook("session", *SESSION)
    done = orders(path, "--passing", "2,1,3", "--failing", "1,2,3")
    assert done.code == 1 and "does not crash" in done.out, done
    done = orders(path, "--passing", "1,2")
    assert done.code == 2 and "--failing" in done.err, done


def test_watching_leaves_code_as_it_is(orders, make_notebook):
    path = make_notebook(
        "code", "import inspect, pickle, linecache\ndef half(x):\n    'Halves.'\n    return x / 2",
        "assert inspect.getsource(half).endswith('return x / 2\\n')\nassert half.__doc__ == 'Halves.'",
        "try:\n    half('a')\nexcept TypeError as error:\n    line = error.__traceback__.tb_next.tb_lineno\n"
        "assert line == 4, line",
        "%%time\nvalue = half(4)\nvalue", "assert _ == 2.0, _",
        "before = set(dir())\nassert not [n for n in before if 'nbreplay' in n]",
        "if value:\n    half(value)\nhalf(1);", "x = !echo {value}\nassert x == ['2.0'], x")
    found = document_of(orders(path, "--json"))
    assert found["base"]["outcome"]["end"] == "passes", found["base"]
    assert found["measured"]
