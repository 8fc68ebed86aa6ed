"""The gate for answers: every fixture is diagnosed, and set against the answer beside it.

An expectation is never made weaker here. A fixture that is known to get a wrong or weaker answer
stands in KNOWN_SHORTFALLS with what it gets and why; even then no wrong label may be `confirmed`.

Each trial imports the science stack anew, so one fixture of each kind is diagnosed here, and one of
them also without snapshots; all of them, both ways, with NBREPLAY_ALL_FIXTURES=1
(scripts/test_fixtures.sh). bench/fixtures.py scores all of them, too.
"""
import functools
import json
import os
import pathlib
import shutil
import sys

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "fixtures"))

import answers  # noqa: E402

NAMES = sorted(path.stem for path in answers.NOTEBOOKS.glob("*.ipynb"))
EXPECTED = {name: answers.expectation(answers.NOTEBOOKS / (name + ".ipynb")) for name in NAMES}


def effort(name):
    """What grows with the time of a trial: libraries that are slow to import, then cells."""
    source = (answers.NOTEBOOKS / (name + ".ipynb")).read_text()
    return ("sklearn" in source, "matplotlib" in source, source.count('"cell_type"'))


def one_of_each_kind():
    """The lightest; of the kinds that only leave `unknown` to be said, which are alike, two."""
    lightest = {EXPECTED[name]["kind"]: name for name in sorted(NAMES, key=effort, reverse=True)}
    by_effort = sorted(lightest.values(), key=effort)
    unknown = [name for name in by_effort
               if all(crash["label"] == "unknown" for crash in EXPECTED[name]["crashes"])]
    return [name for name in by_effort if name not in unknown[2:]]


CHOSEN = NAMES if os.environ.get("NBREPLAY_ALL_FIXTURES") else one_of_each_kind()
CRASHES = [(name, crash["cell"]["ordinal"]) for name in CHOSEN
           for crash in EXPECTED[name]["crashes"]]

#: (notebook, crashed cell's ordinal) → why the expected answer is not reached.
KNOWN_SHORTFALLS = {}


@pytest.fixture(scope="session")
def notebooks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fixtures") / "notebooks"
    shutil.copytree(answers.NOTEBOOKS, folder)
    return folder


@pytest.fixture(scope="session")
def document(nbreplay, demo_environment, notebooks):
    """document(name, option...) -> the result document; each is made once."""

    @functools.lru_cache(maxsize=None)
    def diagnose(name, *options):
        done = nbreplay("diagnose", notebooks / (name + ".ipynb"), "--json", "--no-progress",
                        "--no-cache", "--no-statements", "--environment", demo_environment,
                        "--versions", "never",  # what an index holds changes from day to day
                        *options, timeout=900)
        assert done.code in (0, 1), done
        return done.json()

    return diagnose


@pytest.fixture(scope="session")
def diagnosed(document, notebooks):
    """diagnosed(name) -> its answers."""

    def diagnose(name):
        return {answer.expected["cell"]["ordinal"]: answer
                for answer in answers.compare(notebooks / (name + ".ipynb"), document(name))}

    return diagnose


def test_there_are_enough_fixtures_of_each_kind():
    kinds = [expected["kind"] for expected in EXPECTED.values()]
    assert len(NAMES) >= 36
    assert all(kinds.count(kind) >= 2 for kind in kinds), kinds


@pytest.mark.parametrize("name, ordinal", CRASHES)
def test_fixture_is_answered_right(diagnosed, name, ordinal, request):
    answer = diagnosed(name)[ordinal]
    assert not answer.wrongly_confirmed, answer.explain()
    assert answer.certified, answer.explain()
    if (name, ordinal) in KNOWN_SHORTFALLS:
        request.applymarker(pytest.mark.xfail(reason=KNOWN_SHORTFALLS[name, ordinal], strict=True))
    assert answer.reproduced, answer.explain()
    assert answer.labelled, answer.explain()
    assert answer.edit_named, answer.explain()
    assert answer.minimised, answer.explain()


# What is said of a crash, without what it took to find out; in lines, so that a failure shows which.
def findings(document):
    kept = []
    for crash in document["notebooks"][0]["crashes"]:
        minimal = crash["minimal"] and {key: crash["minimal"][key]
                                        for key in ("order", "guarantee", "slipped")}
        kept.append({
            "reproduction": {key: crash["reproduction"][key]
                             for key in ("verdict", "level", "order", "order_from", "matching")},
            "top_to_bottom": crash["top_to_bottom"], "minimal": minimal, "cause": crash["cause"],
            "experiments": [(tried["change"], tried["outcome"], tried["flips"])
                            for tried in crash["experiments"]]})
    return json.dumps(kept, indent=1).splitlines()


@pytest.mark.parametrize("name", CHOSEN if CHOSEN == NAMES else CHOSEN[:1])
def test_findings_are_the_same_without_snapshots(document, name):
    with_them, without = document(name), document(name, "--no-snapshots")
    assert findings(with_them) == findings(without)
    trials = without["notebooks"][0]["trials"]
    assert trials["branched"] == trials["warm"] == 0
