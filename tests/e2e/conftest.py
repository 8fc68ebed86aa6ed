"""What every end-to-end test shares: the program, its environments, and how to run it."""
import json
import os
import pathlib
import subprocess

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]


def _folder(variable, default):
    return pathlib.Path(os.environ.get(variable) or SOURCE / ".nbreplay" / default)


def _environment(variable, default):
    folder = _folder(variable, default)
    if not (folder / "bin" / "python").exists():
        pytest.fail("no environment at %s: run scripts/test.sh, which makes it, or name another "
                    "in %s" % (folder, variable))
    return folder


@pytest.fixture(scope="session")
def binary():
    path = os.environ.get("NBREPLAY_BINARY")
    if not path:
        candidates = sorted(SOURCE.glob("build/*/bin/nbreplay"), key=lambda p: p.stat().st_mtime)
        path = candidates[-1] if candidates else None
    if not path or not pathlib.Path(path).exists():
        pytest.fail("no nbreplay program; set NBREPLAY_BINARY")
    return str(path)


@pytest.fixture(scope="session")
def demo_environment():
    return _environment("NBREPLAY_DEMO_ENVIRONMENT", "demo")


@pytest.fixture(scope="session")
def conformance_environment():
    return _environment("NBREPLAY_CONFORMANCE_ENVIRONMENT", "conformance")


@pytest.fixture(scope="session")
def session_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


class Finished:
    """A command that ended; prints how to run it again when a test fails."""

    def __init__(self, argv, code, out, err):
        self.argv, self.code, self.out, self.err = argv, code, out, err

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return "%s\nexit %s\n--- stdout\n%s\n--- stderr\n%s" % (
            " ".join(self.argv), self.code, self.out[-4000:], self.err[-4000:])


@pytest.fixture(scope="session")
def variables(session_cache):
    """The variables commands run with: a cache of the session's own, no colours."""
    return dict(os.environ, XDG_CACHE_HOME=str(session_cache), NO_COLOR="1")


@pytest.fixture(scope="session")
def nbreplay(binary, variables):
    """nbreplay("run", path, ...) -> Finished."""

    def run(*arguments, timeout=300, cwd=None):
        argv = [binary, *map(str, arguments)]
        done = subprocess.run(argv, env=variables, cwd=cwd, timeout=timeout, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, errors="replace")
        return Finished(argv, done.returncode, done.stdout, done.stderr)

    return run


def code_cell(source, tags=(), count=None, outputs=(), identifier=None):
    cell = {"cell_type": "code", "execution_count": count, "metadata": {},
            "outputs": list(outputs), "source": source}
    if tags:
        cell["metadata"]["tags"] = list(tags)
    if identifier:
        cell["id"] = identifier
    return cell


@pytest.fixture
def make_notebook(tmp_path):
    """make_notebook("name", "source", ("source", "tag"), {cell}, ...) -> path."""

    def make(name, *cells, folder=None):
        built = []
        for number, entry in enumerate(cells, 1):
            if isinstance(entry, dict):
                cell = dict(entry)
            else:
                source, *tags = (entry,) if isinstance(entry, str) else entry
                cell = code_cell(source, tags)
            cell.setdefault("id", "c%d" % number)
            built.append(cell)
        path = (folder or tmp_path) / (name + ".ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({
            "cells": built, "metadata": {"kernelspec": {
                "name": "python3", "display_name": "Python 3", "language": "python"}},
            "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n", encoding="utf-8")
        return path

    return make
