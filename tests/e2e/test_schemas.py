"""Every command's document against the schema that ships with nbreplay."""
import csv
import json
import pathlib
import subprocess
import sys

import jsonschema
import nbformat
import pytest

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "schemas"


def check(document):
    file = SCHEMAS / (document["command"] + ".schema.json")
    validator = jsonschema.Draft202012Validator(json.loads(file.read_text()))
    problems = ["%s: %s" % (list(problem.absolute_path), problem.message)
                for problem in validator.iter_errors(document)]
    assert problems == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A notebook that skipped a cell, one with a typo, one that passes, one that is none."""
    folder = tmp_path_factory.mktemp("schemas")

    def write(name, *cells):
        notebook = nbformat.v4.new_notebook()
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
        for source, count, error in cells:
            outputs = [nbformat.v4.new_output("error", ename=error[0], evalue=error[1],
                                              traceback=[])] if error else []
            notebook.cells.append(nbformat.v4.new_code_cell(
                source, execution_count=count, outputs=outputs))
        nbformat.write(notebook, folder / name)

    missing = ("NameError", "name 'total' is not defined")
    write("skipped.ipynb", ("price = 3", 1, None), ("total = price * 2", None, None),
          ("print(total)", 2, missing))
    write("typo.ipynb", ("total = 3", 1, None),
          ("print(totl)", 2, ("NameError", "name 'totl' is not defined")))
    write("passes.ipynb", ("1 + 1", 1, None), ("import os\nos._exit(0)", 2, None))
    (folder / "broken.ipynb").write_text("{")
    with open(folder / "labels.csv", "w", newline="") as file:
        csv.writer(file).writerows([["notebook", "cell", "root_cause"],
                                    ["skipped.ipynb", "3", "NB specific"],
                                    ["absent.ipynb", "1", "NB specific"]])
    return folder


@pytest.mark.parametrize("command", ["diagnose", "reproduce", "minimize", "orders", "run", "test"])
def test_documents_about_notebooks(nbreplay, folder, tmp_path, command):
    names = ["skipped.ipynb", "typo.ipynb", "passes.ipynb", "broken.ipynb"]
    done = nbreplay(command, *names, "--json", "--output-dir", tmp_path, cwd=folder)
    document = done.json()
    assert [pathlib.Path(one["notebook"]["path"]).name for one in document["notebooks"]] == names
    check(document)


def test_saved_diagnosis_is_the_same_document(nbreplay, folder, tmp_path):
    done = nbreplay("diagnose", "typo.ipynb", "--output-dir", tmp_path, cwd=folder)
    saved = tmp_path / "typo.diagnosis.json"
    check(json.loads(saved.read_text()))
    again = nbreplay("report", saved)
    assert again.code == 0 and again.out == done.out


def test_verify_document(nbreplay, folder, tmp_path):
    document = nbreplay("verify", "labels.csv", "--json", "--output-dir", tmp_path,
                        cwd=folder).json()
    check(document)
    assert document["verify"]["rows"] == 2


def test_doctor_document(nbreplay):
    check(nbreplay("doctor", "--json").json())


def test_schemas_are_what_their_generator_writes():
    done = subprocess.run([sys.executable, SCHEMAS / "generate.py", "--check"], text=True,
                          capture_output=True)
    assert done.returncode == 0, done.stdout
