"""nbreplay run: orders, errors, parameters, tags, several notebooks, files it writes."""
import json
import os
import pathlib
import subprocess

import pytest


@pytest.fixture
def run(nbreplay, demo_environment):
    return lambda *arguments, **keys: nbreplay(
        "run", *arguments, "--environment", demo_environment, "--no-progress", **keys)


def executed(path):
    return json.loads(path.with_suffix(".executed.ipynb").read_text(encoding="utf-8"))


def texts(document):
    """Per code cell: what it printed or showed as plain text, errors by name."""
    result = []
    for cell in document["cells"]:
        if cell["cell_type"] != "code":
            continue
        parts = []
        for output in cell["outputs"]:
            if output["output_type"] == "stream":
                parts.append("".join(output["text"]))
            elif output["output_type"] == "error":
                parts.append(output["ename"])
            else:
                parts.append("".join(output["data"]["text/plain"]))
        result.append("".join(parts))
    return result


def counts(document):
    return [cell["execution_count"] for cell in document["cells"] if cell["cell_type"] == "code"]


def test_a_notebook_that_passes_is_saved_with_its_outputs(run, make_notebook):
    path = make_notebook("fine", "x = 2", "print(x)", "x + 1")
    before = path.read_bytes()
    done = run(path)
    assert done.code == 0, done
    assert "passed" in done.out and "fine.executed.ipynb" in done.out
    assert texts(executed(path)) == ["", "2\n", "3"]
    assert counts(executed(path)) == [1, 2, 3]
    assert path.read_bytes() == before


def test_a_notebook_of_python_2_is_told_apart(run, make_notebook):
    path = make_notebook("old", "print(1)")
    assert "Python 2" not in run(path).err
    document = json.loads(path.read_text())
    document["metadata"]["language_info"] = {"name": "python", "version": "2.7.\x1b[31m"}
    path.write_text(json.dumps(document))
    done = run(path, "--force")
    assert done.code == 0 and "was last run with Python 2.7." in done.err, done
    assert "\x1b" not in done.err, done
    assert "Python 2" not in run(path, "--force", "--quiet").err


def test_a_crash_stops_the_run_and_is_still_saved(run, make_notebook):
    path = make_notebook("crash", "print('one')", "{}['k']", "print('three')")
    done = run(path)
    assert done.code == 1, done
    assert "cell 2" in done.out and "KeyError" in done.out
    assert texts(executed(path)) == ["one\n", "KeyError", ""]
    assert counts(executed(path)) == [1, 2, None]


def test_allow_errors_goes_on_after_a_crash(run, make_notebook):
    path = make_notebook("errors", "1 / 0", "print('two')", "{}['k']", "4")
    done = run(path, "--allow-errors")
    assert done.code == 0, done
    assert texts(executed(path)) == ["ZeroDivisionError", "two\n", "KeyError", "4"]


def test_cells_run_in_the_order_given(run, make_notebook):
    path = make_notebook("order", "x = 1", "x = x * 10\nprint(x)", "x += 1\nprint(x)")
    done = run(path, "--order", "1,3,2,3", "--json")
    assert done.code == 0, done
    notebook = done.json()["notebooks"][0]
    assert notebook["order"] == [0, 2, 1, 2]
    assert [cell["execution_count"] for cell in notebook["cells"]] == [1, 2, 3, 4]
    assert texts(executed(path)) == ["", "20\n", "21\n"]
    assert counts(executed(path)) == [1, 3, 4]


def test_cells_are_named_by_ordinal_id_and_count(run, make_notebook):
    from conftest import code_cell
    path = make_notebook("names", code_cell("a = 1", count=7), ("text",), "print(a)")
    assert run(path, "--order", "In[7],id:c3").code == 0
    assert texts(executed(path))[2] == "1\n"


def test_the_recorded_order_follows_the_counts(run, make_notebook):
    from conftest import code_cell
    path = make_notebook("recorded", code_cell("print(x)", count=2), code_cell("x = 5", count=1),
                         code_cell("never()", count=None))
    assert run(path).code == 1
    done = run(path, "--order", "recorded", "--json")
    assert done.code == 0, done
    assert done.json()["notebooks"][0]["order"] == [1, 0]


def test_an_order_that_names_no_cell_is_a_usage_error(run, make_notebook):
    path = make_notebook("wrong", "1")
    for order in ("9", "0", "id:none", "In[3]", "1,,2", "recorded"):
        done = run(path, "--order", order)
        assert done.code == 2, done
        assert "hint: " in done.err, done
        assert not path.with_suffix(".executed.ipynb").exists()


def test_parameters_go_behind_their_cell(run, make_notebook):
    path = make_notebook("parameters", ("year = 2020\nname = 'none'", "parameters"),
                         "print(repr(year), repr(name), repr(flag))")
    done = run(path, "-p", "year", "2024", "-p", "name", "north", "-p", "flag", "True")
    assert done.code == 0, done
    document = executed(path)
    assert texts(document)[-1] == "2024 'north' True\n"
    assert "injected-parameters" in document["cells"][1]["metadata"]["tags"]


def test_output_that_is_not_kept_is_said(run, make_notebook):
    done = run(make_notebook("loud", "print('x' * 5000)"), "--output-limit", "1KiB")
    assert done.code == 0 and "--output-limit" in done.err, done
    assert "--output-limit" not in run(make_notebook("quiet", "print('x')")).err


def test_a_value_in_brackets_stays_one_value(run, make_notebook):
    path = make_notebook("lists", "print(sizes, extra)")
    done = run(path, "-p", "sizes", "[1,2]", "-r", "extra", "[]")
    assert done.code == 0, done
    assert texts(executed(path))[-1] == "[1,2] []\n"


def test_raw_parameters_stay_text_and_a_missing_tag_is_said(run, make_notebook):
    path = make_notebook("raw", "print(repr(year))")
    done = run(path, "-r", "year", "2024")
    assert done.code == 0, done
    assert "parameters" in done.err
    assert texts(executed(path))[-1] == "'2024'\n"


def test_a_hostile_parameter_is_a_value_not_code(run, make_notebook):
    path = make_notebook("hostile", ("value = 0", "parameters"), "print(repr(value))")
    value = "'\n__import__('os')._exit(9)\n'\\"
    done = run(path, "-p", "value", value)
    assert done.code == 0, done
    assert texts(executed(path))[-1] == repr(value) + "\n"


def test_tags_are_honoured(run, make_notebook):
    path = make_notebook("tags", ("1 / 0", "raises-exception"),
                         ("print('never')", "skip-execution"), "print('end')")
    done = run(path)
    assert done.code == 0, done
    assert texts(executed(path)) == ["ZeroDivisionError", "", "end\n"]


def test_a_file_of_somebody_else_is_not_overwritten(run, make_notebook):
    path = make_notebook("mine", "1")
    target = path.with_suffix(".executed.ipynb")
    target.write_text("precious")
    done = run(path)
    assert done.code == 2 and "--force" in done.err and str(target.name) in done.err, done
    assert target.read_text() == "precious"
    assert run(path, "--force").code == 0
    assert texts(executed(path)) == ["1"]
    assert run(path).code == 0, "nbreplay's own file is replaced without asking"


def test_results_go_where_they_are_told(run, make_notebook, tmp_path):
    path = make_notebook("elsewhere", "1")
    done = run(path, "--output-dir", tmp_path / "out" / "deep")
    assert done.code == 0, done
    assert (tmp_path / "out" / "deep" / "elsewhere.executed.ipynb").exists()
    assert not path.with_suffix(".executed.ipynb").exists()


def test_several_notebooks_all_run_and_the_worst_decides(run, make_notebook, tmp_path):
    fine = make_notebook("a_fine", "print('fine')")
    crash = make_notebook("b_crash", "1 / 0")
    broken = tmp_path / "c_broken.ipynb"
    broken.write_text("{")
    last = make_notebook("d_last", "print('last')")
    done = run(fine, crash, last, "--jobs", "3")
    assert done.code == 1, done
    lines = done.out.splitlines()
    assert [line.split()[0] for line in lines] == ["a_fine.ipynb", "b_crash.ipynb", "d_last.ipynb"]
    done = run(fine, crash, broken, last, "--jobs", "2")
    assert done.code == 2, done
    assert "c_broken.ipynb" in done.err
    assert texts(executed(last)) == ["last\n"]


def test_a_notebook_starts_in_its_folder_and_leaves_it_alone(run, make_notebook, tmp_path):
    (tmp_path / "data.csv").write_text("a,b\n1,2\n")
    path = make_notebook("files", "print(open('data.csv').read())",
                         "open('data.csv', 'w').write('overwritten')\nopen('new.txt', 'w').close()",
                         "import os\nprint(sorted(os.listdir()))")
    done = run(path)
    assert done.code == 0, done
    assert texts(executed(path))[0] == "a,b\n1,2\n\n"
    assert "new.txt" in texts(executed(path))[2]
    assert (tmp_path / "data.csv").read_text() == "a,b\n1,2\n"
    assert not (tmp_path / "new.txt").exists()


def test_output_keeps_the_order_it_was_written_in(run, make_notebook):
    path = make_notebook(
        "ordered", "import os, sys\nprint(1)\nn = os.write(1, b'2\\n')\nprint(3)\n"
        "n = os.system('echo 4')\nprint(5)", "print('a')\nprint('b', file=sys.stderr)\nprint('c')")
    assert run(path).code == 0
    first, second = (cell["outputs"] for cell in executed(path)["cells"])
    assert ["".join(output["text"]) for output in first] == ["1\n2\n3\n4\n5\n"]
    assert [(output["name"], "".join(output["text"])) for output in second] == [
        ("stdout", "a\n"), ("stderr", "b\n"), ("stdout", "c\n")]


def test_cell_timeouts_end_the_cell(run, make_notebook):
    path = make_notebook("slow", "print('before')", "import time\ntime.sleep(60)", "print('after')")
    done = run(path, "--cell-timeout", "1s", "--json")
    assert done.code == 1, done
    notebook = done.json()["notebooks"][0]
    assert notebook["termination"]["kind"] == "timed-out", notebook["termination"]
    assert notebook["termination"]["limit"] == "cell"
    assert [cell["end"] for cell in notebook["cells"]] == ["completed", "interrupted", "not-reached"]
    assert texts(executed(path))[0] == "before\n"


def test_a_budget_ends_the_notebook(run, make_notebook):
    path = make_notebook("budget", "import time", *["time.sleep(1)"] * 30)
    done = run(path, "--budget", "2s", "--json")
    assert done.code == 1, done
    termination = done.json()["notebooks"][0]["termination"]
    assert (termination["kind"], termination["limit"]) == ("timed-out", "budget")


def test_a_dead_process_is_explained_and_its_output_kept(run, make_notebook):
    path = make_notebook("segfault", "print('kept')",
                         "def boom():\n    import ctypes\n    ctypes.string_at(0)\nboom()")
    done = run(path, "--json")
    assert done.code == 1, done
    notebook = done.json()["notebooks"][0]
    assert notebook["termination"]["kind"] == "signaled", notebook["termination"]
    assert notebook["termination"]["signal"] == 11
    assert "boom" in notebook["python_stack"]
    assert texts(executed(path))[0] == "kept\n"


def test_exit_codes_of_a_notebook_are_told(run, make_notebook):
    path = make_notebook("leaves", "import os", "os._exit(5)", "1")
    notebook = run(path, "--json").json()["notebooks"][0]
    assert notebook["termination"] == dict(notebook["termination"], kind="exited", code=5)
    path = make_notebook("exits", "print('one')", "exit()", "print('never')")
    notebook = run(path, "--json").json()["notebooks"][0]
    assert notebook["termination"] == dict(notebook["termination"], kind="exited", code=0)
    assert texts(executed(path)) == ["one\n", "", ""]


def test_an_installed_prefix_runs_notebooks(binary, variables, make_notebook, demo_environment,
                                            tmp_path):
    build = pathlib.Path(binary).resolve().parents[1]
    prefix = tmp_path / "prefix"
    subprocess.run(["cmake", "--install", build, "--prefix", prefix], check=True,
                   capture_output=True)
    path = make_notebook("fine", "import sys\nprint(sys.version_info.major)")
    done = subprocess.run(
        [prefix / "bin" / "nbreplay", "run", path, "--environment", demo_environment,
         "--no-progress"], env=dict(variables, PATH="/usr/bin:/bin"), capture_output=True, text=True)
    assert done.returncode == 0 and "passed" in done.stdout, (done.stdout, done.stderr)
    assert texts(executed(path)) == ["3\n"]


def test_exit_handlers_run(run, make_notebook, tmp_path):
    path = make_notebook("atexit", "import atexit\natexit.register(lambda: open('mark', 'w').close())")
    assert run(path, "--keep-files", tmp_path / "kept").code == 0
    assert (tmp_path / "kept" / "mark").exists()


def test_what_exit_handlers_do_is_noted_and_fails_nothing(run, make_notebook):
    path = make_notebook("farewell", "import atexit, os\natexit.register(os.abort)\nprint(1)")
    done = run(path)
    assert done.code == 0, done
    assert "died by SIGABRT after its last cell" in done.err


def test_variables_are_a_fixed_set(run, make_notebook):
    path = make_notebook("variables", "import os\nprint(os.environ.get('SECRET_TOKEN'), "
                         "os.environ.get('GIVEN'), os.environ['HOME'] == %r)"
                         % os.environ.get("HOME", ""))
    done = run(path, "--set-variable", "GIVEN=yes")
    assert done.code == 0, done
    assert texts(executed(path)) == ["None yes False\n"]


def test_a_seed_makes_random_numbers_repeat(run, make_notebook):
    path = make_notebook("seeded", "import random\nimport numpy as np\n"
                         "print(random.random(), np.random.rand())")
    found = []
    for _ in range(2):
        assert run(path, "--seed", "7").code == 0
        found.append(texts(executed(path)))
    assert found[0] == found[1]


def test_pip_never_changes_the_environment(run, make_notebook):
    path = make_notebook("pip", "%pip install numpy", "!pip install no-such-package-at-all",
                         "import numpy\nprint('goes on')")
    done = run(path, "--json", timeout=120)
    notebook = done.json()["notebooks"][0]
    wanted = {entry["requirement"]: entry["satisfied"] for entry in notebook["requirements"]}
    assert wanted == {"numpy": True, "no-such-package-at-all": False}, notebook
    assert notebook["environment_change"] is None


def test_the_plain_shell_runs_python_and_nothing_more(run, make_notebook):
    path = make_notebook("plain", "x = 1\nx + 1", "%time 1")
    done = run(path, "--shell", "plain", "--allow-errors")
    assert done.code == 0, done
    assert texts(executed(path)) == ["2", "SyntaxError"]
