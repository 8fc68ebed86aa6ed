"""minimize --data: the smallest data that still crash the notebook the same way, with real pandas."""
import csv
import json
import pathlib
import re
import signal
import subprocess
import time

import jsonschema
import nbformat
import pytest

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "schemas" / "minimize.schema.json"
ROWS, CULPRIT = 4000, 2718
HEADER = ["order_id", "town", "price", "quantity", "comment"]


def orders():
    """A table in which one price, deep down, is no number."""
    for number in range(ROWS):
        price = "1,99O" if number == CULPRIT else "%d.50" % (number % 97)
        yield [str(number), ("Oslo", "Bergen")[number % 2], price, str(number % 5), "fine, thanks"]


def write(path, header, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


@pytest.fixture
def minimize(nbreplay, demo_environment):
    """minimize(path, ...) -> the finished command, its one crash's minimal sequence."""

    def run(path, *options):
        done = nbreplay("minimize", path, "--data", "--json", "--no-progress", *options,
                        "--environment", demo_environment)
        assert done.code == 0, done
        document = done.json()
        jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)
        return done, minimal_of(document)

    return run


@pytest.fixture
def run_alone(nbreplay, demo_environment, tmp_path):
    """Runs a minimal notebook where there is nothing but itself and its data; its last words."""

    def run(notebook):
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        for path in [notebook, *notebook.parent.glob("*.min-data/*")]:
            target = elsewhere / path.relative_to(notebook.parent)
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())
        return nbreplay("run", elsewhere / notebook.name, "--environment", demo_environment,
                        "--no-progress")

    return run


def minimal_of(document):
    (crash,) = document["notebooks"][0]["crashes"]
    return crash["minimal"]


def code_of(path):
    return [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


def test_one_row_and_one_column_are_left(make_notebook, minimize, run_alone, tmp_path):
    write(tmp_path / "data" / "orders.csv", HEADER, orders())
    before = (tmp_path / "data" / "orders.csv").read_bytes()
    notebook = make_notebook(
        "shop", "import pandas as pd\nimport math", 'FOLDER = "data"',
        'orders = pd.read_csv("data/orders.csv")', 'print(orders["town"].nunique())',
        'orders["total"] = orders["price"].astype(float) * orders["quantity"]')
    done, minimal = minimize(notebook)

    (data,) = minimal["data"]
    assert data["path"] == "data/orders.csv" and data["not_reduced"] is None
    assert data["before"] == {"rows": ROWS, "columns": 5, "bytes": len(before)}
    assert (data["after"]["rows"], data["after"]["columns"]) == (1, 1)
    assert data["guarantee"] == "1-minimal" and data["in_place"] is False
    assert data["queries"] <= 34
    assert minimal["confirmed"] == {"fresh_runs": 3, "at_s": 3, "at_a": 3}

    reduced = tmp_path / "shop.min-data" / "orders.csv"
    assert data["file"] == str(reduced)
    assert reduced.read_bytes() == b'price\r\n"1,99O"\r\n', "line ends and quotes stay"
    assert (tmp_path / "data" / "orders.csv").read_bytes() == before
    assert 'pd.read_csv("shop.min-data/orders.csv")' in "\n".join(
        code_of(tmp_path / "shop.min.ipynb"))
    alone = run_alone(tmp_path / "shop.min.ipynb")
    assert alone.code == 1 and "could not convert string to float: '1,99O'" in alone.out + alone.err


def test_a_row_that_only_decides_a_type_is_spared(make_notebook, minimize, run_alone, tmp_path):
    rows = [["A12" if n == 300 else str(10000 + n), "town%d" % n] for n in range(600)]
    write(tmp_path / "towns.csv", ["zip", "town"], rows)
    notebook = make_notebook(
        "zips", "import pandas as pd", 'towns = pd.read_csv("towns.csv")',
        'first = towns[towns["town"] == "town7"].iloc[0]', 'first["zip"] + 1')
    _, minimal = minimize(notebook)
    (data,) = minimal["data"]
    assert data["after"]["rows"] == 1 and data["pinned"] == ["zip"]
    assert 'dtype={"zip": "object"}' in "\n".join(code_of(tmp_path / "zips.min.ipynb"))
    alone = run_alone(tmp_path / "zips.min.ipynb")
    assert alone.code == 1 and "can only concatenate str" in alone.out + alone.err


def test_one_row_is_left_where_the_message_holds_all_of_them(make_notebook, minimize, run_alone,
                                                             tmp_path):
    rows = [["Oslo", "n/k" if n == 120 else "%d.25" % n, "%d" % (n % 3)] for n in range(200)]
    write(tmp_path / "shops.csv", ["town", "price", "kind"], rows)
    notebook = make_notebook(
        "shops", "import pandas as pd", 'shops = pd.read_csv("shops.csv")',
        'shops = shops[shops["kind"] >= 0]', 'print("mean price", shops["price"].mean())')
    done, minimal = minimize(notebook)
    (data,) = minimal["data"]
    assert data["not_reduced"] is None and data["guarantee"] == "1-minimal"
    assert data["after"]["rows"] == 1 and data["rows"] == [[121, 121]], "counted from 1"
    assert data["message"] == "Could not convert string 'n/k' to numeric"
    assert data["queries"] <= 40
    assert minimal["confirmed"] == {"fresh_runs": 3, "at_s": 3, "at_a": 3}
    reduced = (tmp_path / "shops.min-data" / "shops.csv").read_text()
    assert "n/k" in reduced and "Oslo" not in reduced
    alone = run_alone(tmp_path / "shops.min.ipynb")
    assert alone.code == 1 and "Could not convert string 'n/k' to numeric" in alone.out + alone.err


def test_what_changed_in_the_data_is_named(make_notebook, nbreplay, demo_environment, tmp_path):
    write(tmp_path / "short.csv", ["n", "comment"], [["12", "good"], ["7", "bad"]])
    notebook = make_notebook(
        "two", 'lines = open("short.csv").read().splitlines()\n'
        'assert len(lines) < 3 or any(line.count(",") != 1 for line in lines), "too many"')
    done = nbreplay("minimize", "--data", "--no-progress", "--no-statements", "--environment",
                    demo_environment, notebook)
    assert re.search(r"changed: row 1, n: \"12\" is now \"0\"", done.out), done


def test_the_statement_that_reads_may_be_the_one_that_crashes(make_notebook, minimize, run_alone,
                                                              tmp_path):
    (tmp_path / "wide.csv").write_text(
        "a,b\n" + "".join("1,2%s\n" % (",3" if n == 250 else "") for n in range(500)))
    notebook = make_notebook("wide", "import pandas as pd", 'pd.read_csv("wide.csv")')
    _, minimal = minimize(notebook)
    (data,) = minimal["data"]
    assert data["after"]["rows"] <= 2 and data["after"]["columns"] == 0
    alone = run_alone(tmp_path / "wide.min.ipynb")
    assert alone.code == 1 and "Error tokenizing data" in alone.out + alone.err


def test_a_person_reads_what_is_left_and_what_stays(make_notebook, nbreplay, demo_environment,
                                                    tmp_path):
    write(tmp_path / "prices.csv", ["name", "price"], [["x%d" % n, "dear"] for n in range(50)])
    (tmp_path / "settings.json").write_text("{}")
    notebook = make_notebook(
        "shop", 'import json\nsettings = json.load(open("settings.json"))',
        'lines = open("prices.csv").read().splitlines()',
        'prices = [float(line.split(",")[1]) for line in lines[1:] if not settings]')
    arguments = ("minimize", notebook, "--data", "--no-progress", "--environment",
                 demo_environment)
    done = nbreplay(*arguments)
    assert done.code == 0, done
    assert re.search(r"data +prices\.csv: 1 of 50 rows", done.out), done
    assert re.search(r"data +settings\.json stays: not a table of text", done.out), done

    # Its own results are replaced without being asked, and not what somebody else put there.
    assert nbreplay(*arguments).code == 0
    (tmp_path / "shop.min-data" / "nbreplay.json").unlink()
    refused = nbreplay(*arguments)
    assert refused.code == 2 and "nbreplay did not write it" in refused.err


def test_a_diagnosis_offers_it_and_leaves_what_it_made(make_notebook, nbreplay, demo_environment,
                                                       tmp_path):
    write(tmp_path / "prices.csv", ["name", "price"], [["x%d" % n, "dear"] for n in range(50)])
    notebook = make_notebook("shop", "import csv",
                             'prices = list(csv.DictReader(open("prices.csv")))',
                             '[float(row["price"]) for row in prices]')
    minimal, folder = tmp_path / "shop.min.ipynb", tmp_path / "shop.min-data"

    def run(*arguments):
        done = nbreplay(*arguments, notebook, "--no-progress", "--environment", demo_environment)
        assert done.code in (0, 1), done
        return done

    offer = "prices.csv as it is; to reduce the data, too: nbreplay minimize --data"
    assert offer in " ".join(run("diagnose").out.split())
    run("minimize", "--data")
    reduced = minimal.read_bytes()
    assert b"shop.min-data" in reduced
    again = run("diagnose")
    assert offer not in " ".join(again.out.split())
    assert "shop.min.ipynb stays as" in again.out
    assert minimal.read_bytes() == reduced and (folder / "prices.csv").exists()

    # Asked for without the data, or once the notebook has changed, both are replaced.
    run("minimize")
    assert b"shop.min-data" not in minimal.read_bytes() and not folder.exists()
    run("minimize", "--data")
    notebook.write_text(notebook.read_text().replace("[float", "[ float"))
    assert "stays as" not in run("diagnose").out
    assert b"shop.min-data" not in minimal.read_bytes() and not folder.exists()


def test_an_interrupt_keeps_the_best_so_far(make_notebook, binary, variables, demo_environment,
                                            tmp_path, tmp_path_factory):
    write(tmp_path / "orders.csv", HEADER, orders())
    mark = tmp_path_factory.mktemp("mark") / "mark"  # outside of the project
    notebook = make_notebook(
        "shop", "import csv", 'orders = list(csv.DictReader(open("orders.csv")))',
        "with open(%r, 'a') as file:\n    n = file.write('run ')\n"
        "[float(row['price']) for row in orders]" % str(mark))
    argv = [binary, "minimize", str(notebook), "--data", "--json", "--no-statements",
            "--no-progress", "--sandbox", "off", "--environment", str(demo_environment)]
    own = dict(variables, XDG_CACHE_HOME=str(tmp_path_factory.mktemp("cache")))
    out = tmp_path_factory.mktemp("out") / "stdout"
    with open(out, "w") as stdout:
        process = subprocess.Popen(argv, env=own, stdout=stdout, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        # By then the cells are minimal, and a part of the data tests has been run.
        while (mark.read_text().count("run") if mark.exists() else 0) < 16:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    (data,) = minimal_of(json.loads(out.read_text()))["data"]
    assert data["not_reduced"] is None and data["guarantee"] == "partial"
    assert 1 <= data["after"]["rows"] < ROWS
    assert (tmp_path / "shop.min-data" / "orders.csv").stat().st_size == data["after"]["bytes"]

    again = subprocess.run(argv, env=own, capture_output=True, text=True, timeout=300)
    assert again.returncode == 0, again.stderr
    document = json.loads(again.stdout)
    assert document["notebooks"][0]["trials"]["cached"] > 0, "what was run is not run again"
    (data,) = minimal_of(document)["data"]
    assert data["guarantee"] == "1-minimal" and data["after"]["rows"] == 1
