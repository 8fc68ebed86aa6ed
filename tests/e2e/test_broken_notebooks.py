"""Files that are no notebook, or none that can be run: file, place, reason, next step, exit 2."""
import json

import pytest


def cell(**changes):
    value = {"cell_type": "code", "id": "a", "metadata": {}, "source": "1", "outputs": [],
             "execution_count": None}
    value.update(changes)
    return value


def document(*cells, **changes):
    value = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    value.update(changes)
    return json.dumps(value, indent=1)


FULL = document(cell(source="x = 1\nprint(x)"), cell(id="b", source="x"))

BROKEN = {
    # name: (content, what must be said of the place and the reason)
    "empty": (b"", ["empty"]),
    "not-json": (b"print('hello')\n", ["line 1", "JSON"]),
    "truncated": (FULL[:len(FULL) // 2].encode(), ["line ", "end of the file"]),
    "not-a-notebook": (b'{"rows": [1, 2]}', ["not a notebook", "cells"]),
    "list": (b"[1, 2]", ["not a notebook", "list"]),
    "version-2": (document(nbformat=2).encode(), ["nbformat 2"]),
    "version-9": (document(nbformat=9).encode(), ["nbformat 9"]),
    "wrong-source": (document(cell(), cell(id="b", source=5)).encode(),
                     ["cells[1].source", "line ", "number"]),
    "wrong-outputs": (document(cell(outputs={})).encode(), ["cells[0].outputs", "list"]),
    "wrong-count": (document(cell(execution_count="*")).encode(), ["cells[0].execution_count"]),
    "cell-is-text": (document("x").encode(), ["cells[0]"]),
    "latin-1": (document(cell(source="caf\u00e9")).replace("\\u00e9", "\u00e9").encode("latin-1"),
                ["UTF-8", "byte"]),
    "utf-16": (document(cell()).encode("utf-16"), ["UTF-16"]),
    "deep": (b'{"cells": ' + b"[" * 100000 + b"]" * 100000 + b"}", ["deep"]),
    "no-code-cells": (document(cell(cell_type="markdown")).encode(), ["code cell"]),
    "no-cells": (document().encode(), ["code cell"]),
    "julia": (document(cell(), metadata={"kernelspec": {
        "name": "julia-1.9", "display_name": "Julia", "language": "julia"}}).encode(), ["julia"]),
    "language-r": (document(cell(), metadata={"language_info": {"name": "R"}}).encode(), ["R"]),
    "merge-conflict": (("<<<<<<< HEAD\n" + FULL).encode(), ["merge", "line 1"]),
}


@pytest.mark.parametrize("command", ["run", "diagnose", "reproduce", "minimize", "test"])
@pytest.mark.parametrize("name", ["truncated", "wrong-source", "julia"])
def test_every_command_refuses_them(nbreplay, tmp_path, command, name):
    path = tmp_path / (name + ".ipynb")
    path.write_bytes(BROKEN[name][0])
    done = nbreplay(command, path, "--no-progress")
    assert done.code == 2, done
    assert path.name in done.err + done.out, done


@pytest.mark.parametrize("name", BROKEN)
def test_run_names_file_place_reason_and_next_step(nbreplay, tmp_path, name):
    content, said = BROKEN[name]
    path = tmp_path / (name + ".ipynb")
    path.write_bytes(content)
    done = nbreplay("run", path, "--no-progress")
    assert done.code == 2, done
    assert done.out == "", done
    assert done.err.startswith("error: "), done
    assert path.name in done.err
    for words in said:
        assert words in done.err, done
    assert "\nhint: " in done.err, done
    assert path.read_bytes() == content
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_what_cannot_be_read_is_named(nbreplay, tmp_path):
    for path in (tmp_path / "missing.ipynb", tmp_path):
        done = nbreplay("run", path, "--no-progress")
        assert done.code == 2 and str(path.name) in done.err and "hint: " in done.err, done
        assert ("nbreplay test" in done.err) == path.is_dir(), done


def test_json_holds_the_problem_too(nbreplay, tmp_path):
    path = tmp_path / "bad.ipynb"
    path.write_text("{")
    done = nbreplay("run", path, "--json", "--no-progress")
    assert done.code == 2, done
    problem = done.json()["notebooks"][0]["problem"]
    assert "bad.ipynb" in problem["message"] and problem["hint"]


def test_control_characters_of_a_notebook_never_reach_the_terminal(nbreplay, tmp_path):
    path = tmp_path / "escape\x1b[31m.ipynb"
    path.write_text("{")
    done = nbreplay("run", path, "--no-progress")
    assert done.code == 2, done
    assert "\x1b" not in done.err + done.out


def test_odd_values_survive(nbreplay, tmp_path, demo_environment):
    text = ('{"nbformat_minor": 4, "nbformat": 4, "metadata": {"a": NaN, "b": -Infinity, '
            '"c": "\\ud800", "d": 1.0, "e": 12345678901234567890123},\n'
            ' "cells": [{"source": "1", "outputs": [], "metadata": {}, "execution_count": null, '
            '"cell_type": "code"}]}')
    path = tmp_path / "odd.ipynb"
    path.write_text(text)
    done = nbreplay("run", path, "--no-progress", "--environment", demo_environment)
    assert done.code == 0, done
    written = path.with_suffix(".executed.ipynb").read_text()
    for kept in ("NaN", "-Infinity", "\\ud800", "1.0", "12345678901234567890123"):
        assert kept in written
    assert '"id"' not in written, "ids are not added below nbformat 4.5"


def test_version_3_is_read_and_written_as_4_5(nbreplay, tmp_path, demo_environment):
    import nbformat
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""},
                                "worksheets": [{"metadata": {}, "cells": [
                                    {"cell_type": "heading", "level": 2, "metadata": {},
                                     "source": "Title"},
                                    {"cell_type": "code", "collapsed": False, "input": "1 + 1",
                                     "language": "python", "metadata": {}, "outputs": []}]}]}))
    done = nbreplay("run", path, "--no-progress", "--environment", demo_environment)
    assert done.code == 0, done
    document = json.loads(path.with_suffix(".executed.ipynb").read_text())
    assert (document["nbformat"], document["nbformat_minor"]) == (4, 5)
    nbformat.validate(nbformat.from_dict(document))
    assert document["cells"][1]["outputs"][0]["data"]["text/plain"] in ("2", ["2"])
