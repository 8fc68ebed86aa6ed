"""The other commands as a person uses them: results, exit codes, documents, files."""
import csv
import json
import os
import pathlib
import subprocess
import xml.etree.ElementTree as ElementTree

import jsonschema
import pytest
from conftest import SOURCE, code_cell

HERE = pathlib.Path(__file__).resolve().parent


@pytest.fixture
def command(nbreplay, demo_environment):
    return lambda *arguments, **keys: nbreplay(
        *arguments, "--environment", demo_environment, "--no-progress", **keys)


def check_schema(name, document):
    path = SOURCE / "schemas" / (name + ".schema.json")
    jsonschema.Draft202012Validator(json.loads(path.read_text())).validate(document)


def crash_output(ename, evalue, line, count, source):
    arrow = "----> %d %s" % (line, source.splitlines()[line - 1])
    return {"output_type": "error", "ename": ename, "evalue": evalue, "traceback": [
        "-" * 75, "%s  Traceback (most recent call last)" % ename,
        "Cell In[%d], line %d\n%s\n" % (count, line, arrow), "%s: %s" % (ename, evalue)]}


#: Cells 1, 4 and 6 are needed for the crash of cell 6.
SIX = ["prices = {'tea': 2, 'milk': 1}", "labels = ['a', 'b']", "print(len(labels))",
       "prices.pop('tea')", "for name in labels:\n    print(name)",
       "unused = 1\ntotal = prices['tea'] * 3"]


@pytest.fixture
def six(make_notebook):
    """A notebook that crashes in its last cell, as recorded."""
    error = crash_output("KeyError", "'tea'", 2, 6, SIX[5])
    cells = [code_cell(source, count=n) for n, source in enumerate(SIX, 1)]
    cells[5]["outputs"] = [error]
    return make_notebook("six", *cells)


@pytest.fixture
def skipped(make_notebook):
    """Its second cell was not run before the third, which therefore failed."""
    error = crash_output("NameError", "name 'rate' is not defined", 1, 2, "total = 10 * rate")
    return make_notebook(
        "skipped", code_cell("amount = 10", count=1), code_cell("rate = 0.5"),
        code_cell("total = 10 * rate", count=2, outputs=[error]))


def test_minimize_keeps_what_the_crash_needs(command, six):
    done = command("minimize", six, "--json")
    assert done.code == 0, done
    check_schema("minimize", done.json())
    notebook = done.json()["notebooks"][0]
    minimal = notebook["crashes"][0]["minimal"]
    assert minimal["order"] == [0, 3, 5]
    assert minimal["guarantee"] == "1-minimal"
    written = json.loads(six.with_suffix(".min.ipynb").read_text())
    assert written["cells"][0]["cell_type"] == "markdown"
    sources = ["".join(cell["source"]) for cell in written["cells"] if cell["cell_type"] == "code"]
    assert sources[0].startswith("prices = ") and sources[1] == SIX[3]
    assert "prices['tea']" in sources[2] and "unused" not in sources[2]


def test_the_minimal_notebook_crashes_the_same_way_in_jupyter(
        nbreplay, conformance_environment, six, skipped, tmp_path):
    jobs = []
    for path in (six, skipped):
        done = nbreplay("minimize", path, "--environment", conformance_environment, "--no-progress")
        assert done.code == 0, done
        jobs.append({"path": str(path.with_suffix(".min.ipynb")), "stop": True,
                     "result": str(path.with_suffix(".jupyter.json"))})
    done = subprocess.run(
        [str(conformance_environment / "bin" / "python"), str(HERE / "conformance/reference.py"),
         "2"], input=json.dumps(jobs), text=True, capture_output=True, timeout=200,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"})
    assert done.returncode == 0, done.stderr
    errors = []
    for job in jobs:
        document = json.loads(pathlib.Path(job["result"]).read_text())
        cells = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
        errors += [(out["ename"], out["evalue"]) for out in cells[-1]["outputs"]
                   if out["output_type"] == "error"]
        assert not any(out["output_type"] == "error" for cell in cells[:-1]
                       for out in cell["outputs"])
    assert errors == [("KeyError", "'tea'"), ("NameError", "name 'rate' is not defined")]


def test_reproduce_says_in_which_order(command, skipped):
    done = command("reproduce", skipped, "--json")
    assert done.code == 0, done
    check_schema("reproduce", done.json())
    reproduction = done.json()["notebooks"][0]["crashes"][0]["reproduction"]
    assert reproduction["verdict"] == "reproduced"
    assert reproduction["order"] == [0, 2]
    assert (reproduction["fresh_runs"], reproduction["matching"]) == (3, 3)
    assert not skipped.with_suffix(".min.ipynb").exists()


def test_an_order_may_go_on_behind_the_recorded_crash(command, skipped):
    done = command("reproduce", skipped, "--order", "1,3,2")
    assert done.code == 0 and "cell 3" in done.out and "3 of 3" in done.out, done
    done = command("reproduce", skipped, "--order", "1,2", "--cell", "3")
    assert done.code == 2 and "does not run the cell" in done.err, done


def test_a_crash_that_does_not_recur_is_bad_news(command, make_notebook):
    error = crash_output("KeyError", "'gone'", 1, 2, "table['gone']")
    path = make_notebook("absent", code_cell("table = {'gone': 1}", count=1),
                         code_cell("table['gone']", count=2, outputs=[error]))
    done = command("reproduce", path, "--json")
    assert done.code == 1, done
    reproduction = done.json()["notebooks"][0]["crashes"][0]["reproduction"]
    assert reproduction["verdict"] == "absent" and reproduction["why"], reproduction


def test_diagnose_finds_the_skipped_cell(command, nbreplay, skipped):
    done = command("diagnose", skipped)
    assert done.code == 0, done
    assert "NB specific" in done.out and "confirmed" in done.out
    assert "skipped.min.ipynb" in done.out and "skipped.diagnosis.json" in done.out
    document = json.loads(skipped.with_suffix(".diagnosis.json").read_text())
    check_schema("diagnose", document)
    cause = document["notebooks"][0]["crashes"][0]["cause"]
    assert (cause["label"], cause["verdict"], cause["cells"]) == ("NB specific", "confirmed", [1])
    report = nbreplay("report", skipped.with_suffix(".diagnosis.json"))
    assert report.code == 0 and "NB specific" in report.out, report


def test_diagnose_without_a_recorded_crash_takes_the_first_failure(command, make_notebook):
    fine = make_notebook("fine", "x = 1", "print(x)")
    done = command("diagnose", fine, "--json")
    assert done.code == 0, done
    assert done.json()["notebooks"][0]["crashes"] == []
    path = make_notebook("unrecorded", "x = 1", "'a' + x")
    done = command("diagnose", path, "--json")
    assert done.code in (0, 1), done
    crash = done.json()["notebooks"][0]["crashes"][0]
    assert crash["recorded"] is None
    assert crash["reproduction"]["observed"]["ename"] == "TypeError"
    confirmed = crash["cause"] is not None and crash["cause"]["verdict"] == "confirmed"
    assert done.code == (0 if confirmed else 1), done


def failed_before(make_notebook, recorded):
    """Its second cell failed, and the third wants what that would have made."""
    cells = [code_cell("import pandas as pd", count=1),
             code_cell("stamps = [1 / 0]", count=2, outputs=[
                 crash_output(*recorded, 1, 2, "stamps = [1 / 0]")]),
             code_cell("frame = pd.to_datetime(stamps)", count=3, outputs=[crash_output(
                 "NameError", "name 'stamps' is not defined", 1, 3,
                 "frame = pd.to_datetime(stamps)")])]
    return make_notebook("failed", *cells)


def cause_of(done, which=0):
    return done.json()["notebooks"][0]["crashes"][which]["cause"]


def test_a_placeholder_that_a_library_cannot_use_hides_no_earlier_failure(command, make_notebook):
    path = failed_before(make_notebook, ("ZeroDivisionError", "division by zero"))
    cause = cause_of(command("diagnose", path, "--cell", "3", "--json"))
    assert (cause["sublabel"], cause["verdict"]) == ("previous cell error", "confirmed"), cause
    assert "recorded" not in cause["explanation"]


def test_an_earlier_failure_that_is_not_the_recorded_one_is_named(command, make_notebook):
    path = failed_before(make_notebook, ("KeyError", "'stamp'"))
    cause = cause_of(command("diagnose", path, "--cell", "3", "--json"))
    assert (cause["sublabel"], cause["verdict"]) == ("previous cell error", "confirmed"), cause
    assert "(ZeroDivisionError: division by zero)" in cause["explanation"]
    assert "recorded another error there: KeyError: 'stamp'." in cause["explanation"]


def test_a_module_of_the_project_is_told_from_one_to_install(command, make_notebook, tmp_path):
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "helpers.py").write_text("def double(x):\n    return 2 * x\n")
    path = make_notebook("uses", "import helpers", "print(helpers.double(2))",
                         folder=tmp_path / "notebooks")
    done = command("diagnose", path, "--json")
    cause = cause_of(done)
    assert done.code == 0 and cause["verdict"] == "confirmed", done
    for words in ("'src/helpers.py'", "not on sys.path", "sys.path.insert(0, '../src')", "--cwd"):
        assert words in cause["explanation"]
    assert command("diagnose", path, "--cwd", tmp_path / "src").code == 0
    assert "no crash" in command("diagnose", path, "--cwd", tmp_path / "src").out


def test_results_of_somebody_else_are_left_alone(command, six):
    target = six.with_suffix(".min.ipynb")
    target.write_text("{}")
    done = command("minimize", six)
    assert done.code == 2 and "--force" in done.err, done
    assert target.read_text() == "{}"
    assert command("minimize", six, "--force").code == 0
    assert "cells" in json.loads(target.read_text())


@pytest.mark.parametrize("name", ["run", "diagnose", "orders", "test"])
def test_own_results_in_a_list_of_notebooks_are_skipped(command, make_notebook, name):
    first, second = make_notebook("a", "x = 1"), make_notebook("b", "y = 2")
    executed = first.with_suffix(".executed.ipynb")
    assert command("run", first).code == 0 and executed.exists()
    done = command(name, first, executed, second, "--json")
    assert done.code == 0, done
    paths = [one["notebook"]["path"] for one in done.json()["notebooks"]]
    assert paths == [str(first), str(second)]
    skipped = "skipped, since nbreplay wrote it: %s (alone it is taken)" % executed
    # What a machine lacks of a sandbox is said, too.
    assert [line for line in done.err.splitlines() if "the sandbox lacks" not in line] == [skipped]
    alone = command(name, executed, "--json")
    assert alone.code == 0 and "skipped" not in alone.err, alone
    assert [one["notebook"]["path"] for one in alone.json()["notebooks"]] == [str(executed)]


def test_test_reports_every_notebook(command, make_notebook, tmp_path):
    folder = tmp_path / "notebooks"
    make_notebook("a_passes", "1", ("1 / 0", "raises-exception"), folder=folder)
    make_notebook("b_fails", "print('x')", "{}['<k>']", folder=folder / "deep")
    make_notebook("hidden", "1 / 0", folder=folder / ".ipynb_checkpoints")
    (folder / "c_broken.ipynb").write_text("{")
    junit = tmp_path / "results.xml"
    done = command("test", folder, "--jobs", "2", "--junit", junit, "--json")
    assert done.code == 2, done
    check_schema("test", done.json())
    totals = done.json()["totals"]
    assert (totals["passed"], totals["failed"], totals["errors"]) == (1, 1, 1)
    cases = {case.get("name"): case for case in ElementTree.parse(junit).getroot().iter("testcase")}
    assert len(cases) == 3
    failed = next(case for name, case in cases.items() if "b_fails" in name)
    assert "<k>" in failed.find("failure").get("message")
    (folder / "c_broken.ipynb").unlink()
    done = command("test", folder)
    assert done.code == 1, done
    assert "KeyError" in done.out and "nbreplay diagnose" in done.out
    assert command("test", folder / "a_passes.ipynb").code == 0


def test_test_fails_what_stops_before_its_last_cell(command, make_notebook):
    done = command("test", make_notebook("exits", "exit()", "1 / 0"))
    assert done.code == 1 and "stopped before its last cell: exited with 0" in done.out, done
    done = command("test", make_notebook("late", "1"), "--budget", "1ms")
    assert done.code == 1 and "time budget used up" in done.out, done


def test_test_calls_only_what_a_person_stopped_interrupted(command, make_notebook):
    done = command("test", make_notebook("mute", "import os, time", "os.close(3)\ntime.sleep(60)"),
                   "--json")
    assert done.code == 1, done
    assert done.json()["notebooks"][0]["stopped_by"] == "done", done


def test_test_can_diagnose_what_fails(command, make_notebook):
    path = make_notebook("typo", "total_price = 3", "print(totl_price)")
    done = command("test", path, "--diagnose")
    assert done.code == 1, done
    assert "NameError" in done.out and "implementation error: typo (confirmed)" in done.out, done


def test_test_writes_over_no_file_of_somebody_else(command, make_notebook, tmp_path):
    notebook = make_notebook("x", "1")
    before = pathlib.Path(notebook).read_text()
    done = command("test", notebook, "--junit", notebook)
    assert done.code == 2 and "did not write it" in done.err, done
    assert pathlib.Path(notebook).read_text() == before
    junit = tmp_path / "new" / "results.xml"
    for _ in range(2):  # our own file is written again
        assert command("test", notebook, "--junit", junit).code == 0
    junit.write_text("<mine/>")
    assert command("test", notebook, "--junit", junit).code == 2
    assert junit.read_text() == "<mine/>"
    assert command("test", notebook, "--junit", junit, "--force").code == 0
    assert command("test", notebook, "--log", notebook).code == 2
    assert pathlib.Path(notebook).read_text() == before
    for _ in range(2):
        assert command("test", notebook, "--log", tmp_path / "steps.log").code == 0


def test_test_names_a_command_that_a_shell_takes(command, make_notebook, tmp_path):
    notebook = tmp_path / "two words.ipynb"
    pathlib.Path(make_notebook("x", "1/0")).rename(notebook)
    done = command("test", notebook)
    assert "nbreplay diagnose '%s'" % notebook in done.out, done


def test_results_that_cannot_be_written_are_an_error(binary, variables):
    with open("/dev/full", "w") as full:
        done = subprocess.run([binary, "doctor"], env=variables, stdout=full,
                              stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2 and "No space left on device" in done.stderr, done


def test_test_without_notebooks_is_an_error(command, tmp_path):
    done = command("test", tmp_path)
    assert done.code == 2 and "hint: " in done.err, done


def write_labels(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["notebook", "cell", "root_cause", "remark"])
        writer.writerows(rows)


def test_verify_judges_row_by_row_and_resumes(command, six, skipped, tmp_path):
    labels = tmp_path / "labels.csv"
    write_labels(labels, [["skipped.ipynb", "3", "NB specific", "kept, \"quoted\""],
                          ["missing.ipynb", "1", "NB specific", ""],
                          ["six.ipynb", "6", "no such label", ""],
                          ["six.ipynb", "99", "NB specific", ""]])
    done = command("verify", labels, "--json")
    check_schema("verify", done.json())
    with open(tmp_path / "labels.verdicts.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["notebook"] for row in rows] == [
        "skipped.ipynb", "missing.ipynb", "six.ipynb", "six.ipynb"]
    assert rows[0]["remark"] == "kept, \"quoted\""
    assert rows[0]["verdict"] == "confirmed", rows[0]
    assert [row["verdict"] for row in rows[1:]] == ["not-judged"] * 3
    for line in (3, 4, 5):
        assert ":%d: " % line in done.err, done
    evidence = (tmp_path / "labels.verdicts.jsonl").read_text().splitlines()
    assert all(json.loads(line) for line in evidence) and len(evidence) == 5

    # What an interrupted run would have left: the first row only.
    (tmp_path / "labels.verdicts.jsonl").write_text("\n".join(evidence[:2]) + '\n{"cut off')
    again = command("verify", labels)
    assert "1 row was judged before" in again.err, again
    with open(tmp_path / "labels.verdicts.csv", newline="") as file:
        assert list(csv.DictReader(file)) == rows

    # A notebook that was changed since is judged again.
    notebook = tmp_path / "skipped.ipynb"
    notebook.write_text(notebook.read_text() + "\n")
    assert "judged before" not in command("verify", labels).err


def test_verify_that_can_judge_nothing_is_an_error(command, tmp_path):
    labels = tmp_path / "labels.csv"
    write_labels(labels, [["missing.ipynb", "1", "NB specific", ""]])
    done = command("verify", labels)
    assert done.code == 2 and "1 not-judged" in done.out, done


def test_doctor_lists_what_there_is(nbreplay):
    done = nbreplay("doctor", "--json")
    assert done.code == 0, done
    check_schema("doctor", done.json())
    assert nbreplay("doctor").out.count("\n") > 5


def test_run_documents_hold_to_their_schema(command, make_notebook, tmp_path):
    paths = [make_notebook("passes", "1"), make_notebook("raises", "1 / 0"),
             make_notebook("dies", "import os", "os._exit(1)")]
    broken = tmp_path / "broken.ipynb"
    broken.write_text("{")
    done = command("run", *paths, broken, "--json")
    assert done.code == 2, done
    check_schema("run", done.json())


@pytest.mark.parametrize("arguments", [
    (), ("nosuchcommand",), ("run",), ("run", "x.ipynb", "--nosuchoption"),
    ("run", "x.ipynb", "--budget", "soon"), ("run", "x.ipynb", "--memory", "lots"),
    ("run", "x.ipynb", "--jobs", "0"), ("run", "x.ipynb", "-p", "alone"),
    ("minimize", "x.ipynb", "--cell", "one two"), ("run", "x.ipynb", "--order", ""),
     ("report", "missing.json"),
    ("verify", "missing.csv"), ("run", "x.ipynb", "--environment", "/nowhere"),
    ("run", "x.ipynb", "--python", "1.5")])
def test_usage_errors_say_what_to_do(nbreplay, make_notebook, tmp_path, arguments):
    make_notebook("x", "1")
    done = nbreplay(*arguments, cwd=tmp_path)
    assert done.code == 2, done
    assert done.out == "" and done.err.startswith("error: ") and "hint: " in done.err, done


def test_help_is_data_and_names_the_exit_codes(nbreplay):
    assert nbreplay("--help").code == 0
    assert nbreplay("--version").out.strip().count(".") == 2
    for name in ("diagnose", "run", "reproduce", "minimize", "orders", "bisect", "verify", "test",
                 "report", "doctor"):
        done = nbreplay(name, "--help")
        assert done.code == 0 and done.err == "" and "Exit codes:" in done.out, done
    assert "did you mean 'diagnose'" in nbreplay("diagnoze").err
