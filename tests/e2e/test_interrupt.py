"""Ctrl-C: exit code 130, and the best result so far is kept."""
import json
import os
import signal
import subprocess
import time

import pytest


def runs_of(mark):
    return mark.read_text().count("run") if mark.exists() else 0


@pytest.fixture
def interrupted(binary, variables, demo_environment, tmp_path_factory):
    """Starts a command, waits until the notebook ran so often, interrupts: (code, stdout). Without a
    sandbox, out of which the notebook could not say how often it ran."""

    def interrupt(runs, mark, *arguments):
        # To a file: a pipe that fills up would stop the program. Not into the project, which it would
        # change.
        folder = tmp_path_factory.mktemp("streams")
        with open(folder / "stdout", "w+") as out, open(folder / "stderr", "w") as err:
            process = subprocess.Popen(
                [binary, *map(str, arguments), "--environment", str(demo_environment),
                 "--no-progress", "--sandbox", "off"], env=variables, stdout=out, stderr=err,
                text=True)
            deadline = time.monotonic() + 120
            while runs_of(mark) < runs and process.poll() is None:
                assert time.monotonic() < deadline, (folder / "stderr").read_text()
                time.sleep(0.02)
            assert process.poll() is None, (folder / "stderr").read_text()
            process.send_signal(signal.SIGINT)
            code = process.wait(timeout=60)
        return code, (folder / "stdout").read_text()

    return interrupt


@pytest.fixture
def mark(tmp_path_factory):
    """A file outside the project, which runs of the notebook append to."""
    return tmp_path_factory.mktemp("mark") / "mark"


def marking(mark):
    return "with open(%r, 'a') as f:\n    n = f.write('run ')" % str(mark)


def test_run_saves_what_was_printed(interrupted, make_notebook, mark):
    path = make_notebook("long", "print('kept')", marking(mark) + "\nimport time\ntime.sleep(600)",
                         "print('never')")
    code, out = interrupted(1, mark, "run", path, "--json")
    assert code == 130
    notebook = json.loads(out)["notebooks"][0]
    assert notebook["stopped_by"] == "interrupt"
    document = json.loads(path.with_suffix(".executed.ipynb").read_text())
    assert "".join(document["cells"][0]["outputs"][0]["text"]) == "kept\n"


def test_test_does_not_call_an_interrupted_notebook_failed(
        interrupted, make_notebook, mark, tmp_path):
    path = make_notebook("long", marking(mark) + "\nimport time\ntime.sleep(600)")
    junit = tmp_path / "results.xml"
    code, out = interrupted(1, mark, "test", path, "--junit", junit)
    assert code == 130
    assert "0 failed, 0 in error, 1 skipped" in out and "nbreplay diagnose" not in out, out
    assert '<skipped message="interrupted"/>' in junit.read_text()


@pytest.fixture
def search(make_notebook, mark):
    """Every cell is needed, and each run takes a while: the search is long under way."""
    cells = ["parts = []\nimport time"] + ["parts.append(%d)" % n for n in range(8)]
    cells.append(marking(mark) + "\ntime.sleep(0.3)\nif len(parts) == 8:\n    {}[parts[0]]")
    return make_notebook("search", *cells)


@pytest.mark.parametrize("command", ["diagnose", "reproduce"])
def test_what_was_found_out_is_kept(interrupted, search, mark, command):
    runs = 6 if command == "diagnose" else 2
    code, out = interrupted(runs, mark, command, search, "--json", "--jobs", "1", "--no-cache")
    assert code == 130
    notebook = json.loads(out)["notebooks"][0]
    assert notebook["stopped_by"] == "interrupt"
    assert notebook["crashes"][0]["cell"]["ordinal"] == 10
    if command == "diagnose":
        assert "KeyError" in notebook["crashes"][0]["reproduction"]["observed"].values()


def test_orders_says_what_it_has_seen(interrupted, search, mark):
    code, out = interrupted(2, mark, "orders", search, "--json", "--jobs", "1", "--no-cache")
    assert code == 130
    assert json.loads(out)["notebooks"][0]["stopped_by"] == "interrupt"


def test_a_call_made_again_goes_on_from_the_cache(interrupted, nbreplay, search, mark,
                                                  demo_environment):
    code, _ = interrupted(6, mark, "minimize", search, "--jobs", "1")
    assert code == 130
    done = nbreplay("minimize", search, "--json", "--no-progress", "--sandbox", "off", "--force",
                    "--environment", demo_environment)
    assert done.code == 0, done
    notebook = done.json()["notebooks"][0]
    assert notebook["trials"]["cached"] > 0, notebook["trials"]
    assert notebook["crashes"][0]["minimal"]["guarantee"] == "1-minimal"


def test_minimize_keeps_the_best_so_far(interrupted, search, mark):
    path = search
    code, out = interrupted(6, mark, "minimize", path, "--json", "--jobs", "1", "--no-cache")
    assert code == 130
    notebook = json.loads(out)["notebooks"][0]
    assert notebook["stopped_by"] == "interrupt"
    minimal = notebook["crashes"][0]["minimal"]
    assert minimal is not None and minimal["order"][-1] == 9
    assert len(minimal["order"]) <= 10
    written = json.loads(path.with_suffix(".min.ipynb").read_text())
    assert "{}[parts[0]]" in "".join(written["cells"][-1]["source"])


def test_no_process_survives(interrupted, make_notebook, mark):
    path = make_notebook(
        "children", "import subprocess\nsubprocess.Popen(['sleep', '613'])\n" + marking(mark) +
        "\nimport os, time\nopen(%r, 'w').write(str(os.getpid()))" % (str(mark) + ".pid") +
        "\ntime.sleep(600)")
    code, _ = interrupted(1, mark, "run", path)
    assert code == 130
    pid = int((mark.parent / (mark.name + ".pid")).read_text() or 0)
    assert pid and not os.path.exists("/proc/%d" % pid)
