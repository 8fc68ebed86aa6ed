"""nbreplay beside nbclient: the same notebooks, the same outputs.

Both sides run once per session, only the cases selected; then each case is compared.
"""
import importlib
import json
import os
import pathlib
import re
import subprocess

import pytest

import differences
import normalise

THEMES = ("running", "identity", "streams", "display", "errors", "magics", "figures", "widgets")
CASES = [case for theme in THEMES for case in importlib.import_module("cases_" + theme).CASES]
KNOWN = {entry.case: entry for entry in differences.DIFFERENCES}
HERE = pathlib.Path(__file__).resolve().parent
DOCUMENT = HERE.parents[2] / "docs" / "conformance.md"


class Results:
    def __init__(self, ours, theirs, log):
        self.ours, self.theirs, self.log = ours, theirs, log


def _variables(home, cache):
    # The reference gets the few variables that nbreplay fixes, and nothing of the caller's.
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8",
            "MPLCONFIGDIR": str(cache)}


@pytest.fixture(scope="session")
def results(request, binary, variables, conformance_environment, tmp_path_factory):
    wanted = {item.callspec.params["case"].name for item in request.session.items
              if "case" in getattr(getattr(item, "callspec", None), "params", {})}
    cases = [case for case in CASES if case.name in wanted]
    theirs, ours = tmp_path_factory.mktemp("nbclient"), tmp_path_factory.mktemp("nbreplay")
    matplotlib = tmp_path_factory.mktemp("matplotlib")
    jobs = [{"path": str(case.write(theirs)), "stop": case.stop,
             "result": str(theirs / (case.name + ".executed.ipynb"))} for case in cases]
    how = ["started"] if os.environ.get("NBREPLAY_STARTED_KERNELS") else []
    with open(theirs / "log", "w+") as log:
        reference = subprocess.Popen(
            [str(conformance_environment / "bin" / "python"), str(HERE / "reference.py"), "3", *how],
            stdin=subprocess.PIPE, stdout=log, stderr=log, text=True, cwd=theirs,
            env=_variables(theirs, matplotlib))
        reference.stdin.write(json.dumps(jobs))
        reference.stdin.close()
        text = _run_ours(binary, variables, conformance_environment, cases, ours)
        assert reference.wait(timeout=800) == 0, (theirs / "log").read_text()[-3000:]
    return Results(ours, theirs, text)


def _run_ours(binary, variables, environment, cases, folder):
    log = ""
    for flags in (["--allow-errors"], []):
        paths = [str(case.write(folder)) for case in cases if case.stop == (not flags)]
        if paths:
            done = subprocess.run(
                [binary, "run", *paths, *flags, "--jobs", "2", "--environment", str(environment),
                 "--output-dir", str(folder)], env=variables, capture_output=True, text=True,
                timeout=800)
            log += done.stdout + done.stderr
    return log


def _read(folder, case):
    path = folder / (case.name + ".executed.ipynb")
    document = json.loads(path.read_text(encoding="utf-8"))
    return normalise.notebook(document, _folders(folder, case))


def _folders(folder, case):
    return [str(folder / case.name)]


def _parts_that_differ(ours, theirs):
    names = list(dict.fromkeys([*theirs, *ours]))
    return [name for name in names if ours.get(name) != theirs.get(name)]


def _explain(case, names, ours, theirs):
    lines = ["%s (%s)" % (case.name, case.about)]
    for name in names:
        lines += ["--- %s" % name, "nbclient: " + json.dumps(theirs.get(name), ensure_ascii=False),
                  "nbreplay: " + json.dumps(ours.get(name), ensure_ascii=False)]
    return "\n".join(lines)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_outputs_are_those_of_a_kernel(case, results):
    assert (results.ours / (case.name + ".executed.ipynb")).exists(), results.log
    ours, theirs = _read(results.ours, case), _read(results.theirs, case)
    differing = _parts_that_differ(ours, theirs)
    known = KNOWN.get(case.name)
    if known and known.sometimes:
        assert set(differing) <= set(known.parts), _explain(case, differing, ours, theirs)
    else:
        assert differing == list(known.parts if known else ()), _explain(
            case, differing, ours, theirs) + "\n--- nbreplay said\n" + results.log[-2000:]


def test_every_known_difference_is_documented_and_names_a_case():
    rows = re.findall(r"^\|`([\w-]+)`\|([^|]+)\|([^|]+)\|$", DOCUMENT.read_text(), re.MULTILINE)
    documented = {name: (parts, reason) for name, parts, reason in rows}
    listed = {entry.case: (", ".join(entry.parts) + (" (timing)" if entry.sometimes else ""),
                           entry.reason) for entry in differences.DIFFERENCES}
    assert documented == listed
    assert set(listed) <= {case.name for case in CASES}
    assert len(listed) == len(differences.DIFFERENCES) == len(rows)


def test_names_are_unique_and_the_table_is_large_enough():
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)) >= 70
