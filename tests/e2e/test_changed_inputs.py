"""Files of a project that somebody changes while notebooks run: named, and such outcomes not kept."""
import contextlib
import json
import pathlib
import sqlite3
import subprocess

import pytest
from test_sandbox import once_there_is


@pytest.fixture
def reading(make_notebook, tmp_path):
    (tmp_path / "data.csv").write_text("a")
    return make_notebook("reads", "text = open('data.csv').read()",
                         "import subprocess\nsubprocess.run(['sleep', '2'])")


@pytest.fixture
def while_changing(binary, variables, demo_environment, reading):
    """while_changing("run", option..., change=True) -> what it said (stdout, stderr)."""

    def run(command, *options, change):
        process = subprocess.Popen(
            [binary, command, str(reading), "--environment", str(demo_environment),
             "--no-progress", *options], env=variables, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        once_there_is("sleep", process)
        if change:
            (reading.parent / "data.csv").write_text("b and more")
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, (out, err)
        return out, err

    return run


def test_a_run_names_it_and_is_not_kept(while_changing, variables):
    def notes(change):
        out, _ = while_changing("run", "--json", "--force", change=change)
        return [note for note in json.loads(out)["notebooks"][0]["notes"]
                if "changed while the notebook ran" in note]

    def kept():
        file = pathlib.Path(variables["XDG_CACHE_HOME"]) / "nbreplay" / "trials.sqlite"
        if not file.exists():
            return 0
        with contextlib.closing(sqlite3.connect(file)) as cache:
            return cache.execute("SELECT count(*) FROM trials").fetchone()[0]

    before = kept()
    (note,) = notes(change=True)
    assert note.startswith("data.csv changed") and kept() == before
    assert notes(change=False) == [] and kept() == before + 1


def test_a_test_names_it(while_changing):
    _, err = while_changing("test", change=True)
    assert "data.csv changed while the notebook ran" in err
    _, err = while_changing("test", change=False)
    assert "changed" not in err
