"""bisect on an index that fails: what is skipped, asked again, or said, and never a boundary that
is not there."""
import subprocess
import sys

import pytest
from conftest import SOURCE, Finished
from test_bisect import brewing, requirements, versions_of  # noqa: F401

sys.path.insert(0, str(SOURCE / "tests" / "packages"))
from local_index import LocalIndex  # noqa: E402
from wheel_files import source, wheel  # noqa: E402


@pytest.fixture
def index():
    index = LocalIndex()
    yield index
    index.close()


@pytest.fixture
def bisect(binary, variables, index, tmp_path_factory):
    """bisect(path, ...) with caches in which nothing is."""
    folder = tmp_path_factory.mktemp("faults")  # not in the notebook's project

    def run(*arguments, **more):
        environment = dict({"UV_HTTP_TIMEOUT": "5", "UV_HTTP_RETRIES": "0"}, **more)
        environment = dict(variables, UV_DEFAULT_INDEX=index.url, UV_CACHE_DIR=str(folder / "uv"),
                           XDG_CACHE_HOME=str(folder / "cache"), **environment)
        argv = [binary, "bisect", *map(str, arguments), "--json", "--no-progress"]
        done = subprocess.run(argv, env=environment, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=300)
        return Finished(argv, done.returncode, done.stdout, done.stderr)

    return run


def add(index, number, last_good):
    text = "def brew():\n    pass\n" if number <= last_good else "gone = True\n"
    return index.add(*wheel("teashop", "%d.0" % number, {"teashop.py": text}))


def troubles(found):
    return {test["version"]: test["trouble"] for test in found["tested"] if test["trouble"]}


def test_files_that_are_broken_or_missing_are_skipped(bisect, index, make_notebook, requirements):
    for number in (1, 2, 3, 5, 6, 7, 8, 10):
        add(index, number, last_good=3)
    for number in (4, 9):
        index.add(*source("teashop", "%d.0" % number))
    index.files["teashop-8.0-py3-none-any.whl"].yanked = True
    index.files["teashop-5.0-py3-none-any.whl"].fault = "garbage"
    index.files["teashop-7.0-py3-none-any.whl"].fault = "missing"
    done = bisect(brewing(make_notebook), "--package", "teashop", "--requirements",
                  requirements("all", "teashop==10.0"))
    assert done.code == 0, done
    found = versions_of(done)
    assert found["packages"] == [{"name": "teashop", "last_good": "3.0", "first_bad": "6.0"}]
    assert found["interval"]["between"] == ["4.0", "5.0"]
    assert found["unbuildable"] == 2 and found["requirement"] == "teashop<=3.0"
    assert troubles(found).get("5.0") == "broken" and "8.0" not in troubles(found)


def test_no_fault_of_a_file_passes_for_an_outcome(bisect, index, make_notebook, requirements):
    """One of each kind lies between the last release that passes and the first that crashes."""
    faults = {"3.0": "cut", "4.0": "truncated", "5.0": "wrong hash", "6.0": "hangs"}
    for number in (1, 2, 3, 4, 5, 6, 8, 9):
        add(index, number, last_good=2)
    for version, fault in faults.items():
        index.files["teashop-%s-py3-none-any.whl" % version].fault = fault
    index.add(*source("teashop", "7.0", build="raise RuntimeError('there is no compiler')"))
    done = bisect(brewing(make_notebook), "--package", "teashop", "--build", "--requirements",
                  requirements("all", "teashop==9.0"))
    assert done.code == 0, done
    found = versions_of(done)
    assert found["packages"] == [{"name": "teashop", "last_good": "2.0", "first_bad": "8.0"}]
    assert found["interval"]["between"] == ["3.0", "4.0", "5.0", "6.0", "7.0"]
    assert found["verdict"] == "confirmed" and found["requirement"] == "teashop<=2.0"
    assert troubles(found) == {"3.0": "unreachable", "4.0": "broken", "5.0": "broken",
                               "6.0": "unreachable", "7.0": "unbuildable"}


def test_an_index_that_is_busy_is_asked_again(bisect, index, make_notebook, requirements):
    for number in range(1, 5):
        add(index, number, last_good=2)
    index.fault = "busy"
    done = bisect(brewing(make_notebook), "--package", "teashop", "--requirements",
                  requirements("all", "teashop==4.0"), UV_HTTP_RETRIES="2", UV_HTTP_TIMEOUT="10")
    assert done.code == 0, done
    found = versions_of(done)
    assert found["packages"] == [{"name": "teashop", "last_good": "2.0", "first_bad": "3.0"}]
    assert found["interval"] is None and not troubles(found)


@pytest.mark.parametrize("fault", ["errors", "hangs"])
def test_an_index_that_never_answers_blocks(bisect, index, make_notebook, demo_environment, fault):
    path = make_notebook("numbers", "import numpy", "numpy.nothing_of_this_name")
    index.fault = fault
    done = bisect(path, "--package", "numpy", "--environment", demo_environment)
    assert done.code == 1, done
    (notebook,) = done.json()["notebooks"]
    assert notebook["crashes"] == []
    assert "UV_DEFAULT_INDEX" in " ".join(notebook["notes"]), done
