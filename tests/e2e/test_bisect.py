"""bisect, and what diagnose says of versions: on an index of tiny packages served here."""
import csv
import json
import subprocess
import sys

import jsonschema
import pytest
from conftest import SOURCE, Finished

sys.path.insert(0, str(SOURCE / "tests" / "packages"))
from local_index import LocalIndex  # noqa: E402
from wheel_files import wheel  # noqa: E402

GONE = "AttributeError: module 'teashop' has no attribute 'brew'"


@pytest.fixture(scope="module")
def index():
    """teashop 1 to 12: `brew` is gone from 8 on; crockery 1 to 4, which teashop uses from 5 on."""
    index = LocalIndex()
    for number in range(1, 13):
        text = "version = %d\n" % number
        if number < 8:
            text += "def brew():\n    return 'tea'\n"
        if number >= 5:
            text += "import crockery\ndef pour():\n    return crockery.cup()\n"
        index.add(*wheel("teashop", "%d.0" % number, {"teashop.py": text},
                         requires=["crockery"] if number >= 5 else []))
    for number in range(1, 5):
        text = "def cup():\n    return 'cup'\n" if number < 3 else "def mug():\n    return 'mug'\n"
        index.add(*wheel("crockery", "%d.0" % number, {"crockery.py": text}))
    yield index
    index.close()


@pytest.fixture(scope="module")
def indexed(binary, variables, index, tmp_path_factory):
    """indexed("bisect", path, ...): commands that know this index and nothing else."""
    folder = tmp_path_factory.mktemp("indexed")

    def run(*arguments, index_url=index.url, timeout=300):
        environment = dict(variables, UV_DEFAULT_INDEX=index_url, UV_CACHE_DIR=str(folder / "uv"),
                           UV_HTTP_TIMEOUT="2", UV_HTTP_RETRIES="0",
                           XDG_CACHE_HOME=str(folder / "cache"))
        argv = [binary, *map(str, arguments), "--no-progress"]
        done = subprocess.run(argv, env=environment, timeout=timeout, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, errors="replace")
        return Finished(argv, done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def requirements(tmp_path):
    def write(name, *lines):
        path = tmp_path / (name + ".txt")
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def brewing(make_notebook):
    return make_notebook("brewing", "import teashop", "cups = 2", "print(teashop.brew(), cups)")


def versions_of(done, name="bisect"):
    document = done.json()
    schema = json.loads((SOURCE / "schemas" / (name + ".schema.json")).read_text())
    jsonschema.Draft202012Validator(schema).validate(document)
    (notebook,) = document["notebooks"]
    (crash,) = notebook["crashes"]
    return crash["versions"]


def test_the_release_that_begins_to_crash(indexed, make_notebook, requirements):
    path = brewing(make_notebook)
    done = indexed("bisect", path, "--package", "teashop", "--requirements",
                   requirements("all", "teashop==12.0"), "--json")
    assert done.code == 0, done
    found = versions_of(done)
    assert found["packages"] == [{"name": "teashop", "last_good": "7.0", "first_bad": "8.0"}]
    assert found["verdict"] == "confirmed" and found["interval"] is None
    assert found["requirement"] == "teashop<8.0"
    assert found["tried"] <= found["most_tried"] and found["releases"] == 12
    for side, outcome in (("good", "passes"), ("bad", "same")):
        confirmed = found["confirmations"][side]
        assert (confirmed["fresh_runs"], confirmed["matching"]) == (3, 3)
        assert len(set(confirmed["hash_seeds"])) == 3
        assert confirmed["test"]["outcome"] == outcome
        assert confirmed["test"]["origin"] == "fresh"


def test_what_a_person_sees_is_rendered_again(indexed, make_notebook, requirements, tmp_path):
    path = brewing(make_notebook)
    arguments = ["bisect", path, "--package", "teashop", "--good", "2.0", "--bad", "11.0",
                 "--requirements", requirements("all", "teashop==12.0")]
    done = indexed(*arguments)
    assert done.code == 0, done
    for words in (GONE, "last good", "first bad", "confirmed: With teashop 7.0 it passes in 3 of 3",
                  "teashop<8.0"):
        assert words in done.out, done
    assert max(map(len, done.out.splitlines())) <= 100
    saved = tmp_path / "saved.json"
    saved.write_text(indexed(*arguments, "--json").out)
    again = subprocess.run([done.argv[0], "report", str(saved)], capture_output=True, text=True)
    assert "confirmed: With teashop 7.0 it passes in 3 of 3" in again.stdout, again


def test_a_notebook_that_passes_here(indexed, make_notebook, requirements):
    path = brewing(make_notebook)
    found = versions_of(indexed("bisect", path, "--package", "teashop", "--requirements",
                                requirements("all", "teashop==3.0"), "--json"))
    assert found["packages"] == [{"name": "teashop", "last_good": "7.0", "first_bad": "8.0"}]


def test_two_environments_and_the_release(indexed, make_notebook, requirements):
    path = brewing(make_notebook)
    done = indexed("bisect", path, "--good-environment",
                   requirements("good", "teashop==2.0", "crockery==1.0"), "--bad-environment",
                   requirements("bad", "teashop==11.0", "crockery==2.0"), "--json")
    assert done.code == 0, done
    found = versions_of(done)
    assert found["mode"] == "environments"
    assert found["packages"] == [{"name": "teashop", "last_good": "7.0", "first_bad": "8.0"}]


def test_both_environments_are_made_alike(indexed, make_notebook, requirements):
    """Of the same age, and with what the notebook imports and neither file names."""
    index = LocalIndex()
    try:
        for number, day in ((1, "2020-01-01"), (2, "2020-06-01"), (3, "2023-01-01")):
            index.add(*wheel("teashop", "%d.0" % number,
                             {"teashop.py": "def brew(): pass\n" if number == 1 else ""}),
                      uploaded=day)
            index.add(*wheel("crockery", "%d.0" % number,
                             {"crockery.py": "" if number == 3 else "cup = 'cup'\n"}), uploaded=day)
        path = make_notebook("cups", "import crockery, teashop", "print(crockery.cup)",
                             "teashop.brew()")
        done = indexed("bisect", path, "--good-environment", requirements("good", "teashop==1.0"),
                       "--bad-environment", requirements("bad", "teashop==2.0"), "--as-of",
                       "2021-01-01", "--json", index_url=index.url)
    finally:
        index.close()
    found = versions_of(done)
    assert found["packages"] == [{"name": "teashop", "last_good": "1.0", "first_bad": "2.0"}], done
    assert found["verdict"] == "confirmed"


def test_two_packages_that_only_crash_together(indexed, make_notebook, requirements):
    # teashop uses crockery's cup from 5 on, which crockery has below 3.
    path = make_notebook("pouring", "import teashop",
                         "print(teashop.pour() if hasattr(teashop, 'pour') else 'nothing')")
    done = indexed("bisect", path, "--good-environment",
                   requirements("good", "teashop==2.0", "crockery==1.0"), "--bad-environment",
                   requirements("bad", "teashop==11.0", "crockery==4.0"), "--json")
    assert done.code == 0, done
    found = versions_of(done)
    assert {one["name"]: (one["last_good"], one["first_bad"]) for one in found["packages"]} == {
        "teashop": ("4.0", "5.0"), "crockery": ("2.0", "3.0")}
    assert found["corners"]["only_together"]
    assert "Only together" in found["why"]


def test_an_index_that_is_dead_blocks(indexed, demo_environment, make_notebook):
    path = make_notebook("numbers", "import numpy", "numpy.nothing_of_this_name")
    done = indexed("bisect", path, "--package", "numpy", "--environment", demo_environment,
                   index_url="http://127.0.0.1:9/simple")
    assert done.code == 1 and "blocked" not in done.err and "UV_DEFAULT_INDEX" in done.out, done
    done = indexed("diagnose", path, "--environment", demo_environment,
                   index_url="http://127.0.0.1:9/simple")
    assert done.code == 1 and "blocked" in done.out, done
    assert "nbreplay bisect" in done.out and "--package numpy" in done.out, done


def test_what_is_asked_wrongly(nbreplay, make_notebook):
    path = make_notebook("fine", "x = 1")
    done = nbreplay("bisect", path)
    assert done.code == 2 and "--package NAME" in done.err, done
    done = nbreplay("bisect", path, "--python-versions", "3.9")
    assert done.code == 2 and "3.8..3.12" in done.err, done
    done = nbreplay("bisect", path, "--package", "x", "--good", "1", "--bad", "1")
    assert done.code == 2, done
    done = nbreplay("bisect", path, "--good", "1")
    assert done.code == 2, done


def test_diagnose_finds_the_release(indexed, make_notebook, requirements):
    path = brewing(make_notebook)
    done = indexed("diagnose", path, "--requirements", requirements("all", "teashop==12.0"),
                   "--json")
    assert done.code == 0, done
    crash = done.json()["notebooks"][0]["crashes"][0]
    assert (crash["cause"]["label"], crash["cause"]["sublabel"], crash["cause"]["verdict"]) == (
        "library cause", "API change", "confirmed")
    assert crash["versions"]["requirement"] == "teashop<8.0"
    assert any(one["factor"] == "version" and one["flips"] for one in crash["experiments"])


def test_diagnose_tells_a_pair_that_does_not_go_together(indexed, make_notebook, requirements):
    path = make_notebook("pouring", "import teashop",
                         "print(teashop.pour() if hasattr(teashop, 'pour') else 'nothing')")
    done = indexed("diagnose", path, "--requirements",
                   requirements("all", "teashop==11.0", "crockery==4.0"), "--json")
    crash = done.json()["notebooks"][0]["crashes"][0]
    assert (crash["cause"]["sublabel"], crash["cause"]["verdict"]) == (
        "library versions incompatible", "confirmed"), done


def test_verify_judges_labels_that_releases_decide(indexed, make_notebook, requirements, tmp_path):
    lines = requirements("all", "teashop==12.0", "crockery==4.0")

    def recorded(name, *sources):
        """As it was saved after its crash here."""
        path = make_notebook(name, *sources)
        assert indexed("run", path, "--requirements", lines).code == 1
        executed = path.with_name(name + ".executed.ipynb")
        saved = tmp_path / "labelled" / (name + ".ipynb")
        saved.parent.mkdir(exist_ok=True)
        saved.write_text(executed.read_text())
        return saved.name

    gone = recorded("gone", "import teashop", "teashop.brew()")
    pair = recorded("pair", "import teashop",
                    "print(teashop.pour() if hasattr(teashop, 'pour') else 'nothing')")
    never = recorded("never", "import teashop", "teashop.oolong()")
    away = recorded("away", "import teapots")
    rows = [(gone, 2, "API change", "confirmed"), (gone, 2, "module not installed", "refuted"),
            (pair, 2, "library versions incompatible", "confirmed"),
            (pair, 2, "API change", "refuted"), (never, 2, "API change", "refuted"),
            (away, 1, "module not installed", "confirmed"), (away, 1, "API change", "refuted")]

    def verdicts(rows, *more):
        labels = tmp_path / "labelled" / "labels.csv"
        with open(labels, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["notebook", "cell", "root_cause", "expected"])
            writer.writerows(rows)
        done = indexed("verify", labels, "--requirements", lines, "--restart", *more)
        with open(labels.with_name("labels.verdicts.csv"), newline="") as file:
            return [row["verdict"] for row in csv.DictReader(file)], done

    found, done = verdicts(rows)
    assert found == [row[3] for row in rows], done
    found, done = verdicts([rows[i] for i in (0, 2, 4, 5)], "--versions", "never")
    assert found == ["unknown", "unknown", "unknown", "confirmed"], done


def test_diagnose_refutes_what_no_release_mends(indexed, make_notebook, requirements):
    """With --versions never it is left open."""
    path = make_notebook("oolong", "import teashop", "teashop.oolong()")
    lines = requirements("all", "teashop==1.0")
    assert indexed("run", path, "--requirements", lines).code == 1
    never = indexed("diagnose", path, "--requirements", lines, "--versions", "never", "--json")
    cause = never.json()["notebooks"][0]["crashes"][0]["cause"]
    assert cause["verdict"] == "unknown", never
    everywhere = indexed("diagnose", path, "--requirements", lines, "--json")
    crash = everywhere.json()["notebooks"][0]["crashes"][0]
    assert crash["versions"]["verdict"] == "refuted", everywhere


def test_across_interpreters(nbreplay, make_notebook):
    machine = nbreplay("doctor", "--json").json()["doctor"]["interpreters"]
    usable = {one["version"].rsplit(".", 1)[0] for one in machine if one["usable"]}
    if not {"3.11", "3.12"} <= usable:
        pytest.skip("Python 3.11 and 3.12 are not both there")
    path = make_notebook("gone", "import imp")
    done = nbreplay("bisect", path, "--python", "3.12", "--python-versions", "3.11..3.12",
                    "--json")
    assert done.code == 0, done
    found = versions_of(done)
    assert found["packages"] == [{"name": "python", "last_good": "3.11", "first_bad": "3.12"}]
    assert found["requirement"] == "python<3.12"
