"""A run that changes its environment: exit 2, the change named, and nothing else run in it."""
import json
import subprocess

import pytest

#: Without a sandbox nothing keeps a notebook that may write there from it.
CHANGE = """
import pathlib, sysconfig
folder = pathlib.Path(sysconfig.get_paths()['purelib'], 'added-1.0.dist-info')
folder.mkdir(exist_ok=True)
(folder / 'METADATA').write_text('Metadata-Version: 2.1\\nName: added\\nVersion: 1.0\\n')
"""


@pytest.fixture
def environment(demo_environment, tmp_path):
    """A virtual environment of the demo's Python, for this test to change."""
    folder = tmp_path / "environment"
    subprocess.run([demo_environment / "bin" / "python", "-m", "venv", "--without-pip", folder],
                   check=True)
    return folder


@pytest.fixture
def notebooks(make_notebook):
    return make_notebook("a_changes", CHANGE), make_notebook("b_fine", "1 + 1")


@pytest.fixture
def changed(nbreplay, environment):
    return lambda command, *arguments: nbreplay(
        command, *arguments, "--sandbox", "off", "--environment", environment, "--no-progress",
        "--no-cache", "--jobs", "1")


@pytest.mark.parametrize("command", ["run", "test", "diagnose"])
def test_the_change_is_named_and_the_rest_left_out(changed, notebooks, command):
    done = changed(command, *notebooks)
    said = done.out + done.err
    assert done.code == 2, done
    assert "added" in said and "chang" in said, done
    assert "left out" in said and "passed   " not in said, done
    assert "no crash" not in said, done


@pytest.mark.parametrize("command", ["run", "test", "diagnose", "orders"])
def test_documents_name_what_was_left_out(changed, notebooks, command):
    done = changed(command, *notebooks, "--json")
    assert done.code == 2, done
    first, second = done.json()["notebooks"]
    assert "added" in json.dumps(first)
    assert "left out" in json.dumps(second), second


def test_a_failure_beside_it_is_no_result(changed, make_notebook):
    done = changed("test", make_notebook("both", CHANGE, "1 / 0"))
    assert done.code == 2 and "added" in done.out, done
    assert "ZeroDivisionError" not in done.out and "1 in error" in done.out, done


def test_a_crash_that_comes_with_it_is_not_judged(changed, make_notebook):
    done = changed("diagnose", make_notebook("both", CHANGE, "1 / 0"))
    assert done.code == 2 and "added" in done.out + done.err, done
    assert "the command was stopped" not in done.out, done
