"""What every end-to-end test shares: the program, its environments, and how to run it."""
import ctypes
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

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


# ---- nothing is left -----------------------------------------------------------------------------

def below(pid):
    """All processes below one, by the numbers of this namespace."""
    found, todo = [], [pid]
    while todo:
        try:
            children = [int(child) for task in pathlib.Path("/proc/%d/task" % todo.pop()).iterdir()
                        for child in (task / "children").read_text().split()]
        except OSError:
            continue
        found += children
        todo += children
    return found


def name_of(pid):
    """As the kernel names it; nothing of a process that has ended, also when nobody collected it."""
    try:
        _, _, rest = pathlib.Path("/proc/%d/stat" % pid).read_text(errors="replace").partition("(")
    except OSError:
        return ""
    name, _, state = rest.rpartition(")")
    return "" if state.split()[0] in "ZX" else name


def is_ours(pid):
    """Controller, launcher and broker, process 1 of a sandbox, workers and snapshots."""
    name = name_of(pid)
    return name == "reaper" or name.startswith("nbreplay")


def gone(pids, seconds=15):
    """Whether those of them that are nbreplay's end."""
    deadline = time.monotonic() + seconds
    while any(map(is_ours, pids)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def scratch_in(folder):
    return sorted(entry.name for entry in pathlib.Path(folder).glob("nbreplay-*"))


@pytest.fixture(scope="session")
def temporary_folder():
    """What commands have for /tmp: as open as that, but this session's own."""
    folder = tempfile.mkdtemp(prefix="e2e-")
    os.chmod(folder, 0o1777)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left(temporary_folder, tmp_path_factory):
    """Whatever the tests do: no mounts, processes and scratch folders are left of their commands.

    Others may run such tests at the same time: what is looked at is only what is below this
    process, to which it becomes the parent of orphans, and in its folders."""
    pr_set_child_subreaper = 36
    ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1, 0, 0, 0)
    folders = (temporary_folder, str(tmp_path_factory.getbasetemp()))

    def mounts():
        return [line for line in pathlib.Path("/proc/self/mounts").read_text().splitlines()
                if any(folder in line for folder in folders)]

    before = mounts()
    yield
    assert gone(below(os.getpid())), sorted(filter(None, map(name_of, below(os.getpid()))))
    assert mounts() == before
    assert scratch_in(temporary_folder) == []


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
def variables(session_cache, temporary_folder):
    """The variables commands run with: folders of the session's own, no colours."""
    return dict(os.environ, XDG_CACHE_HOME=str(session_cache), TMPDIR=temporary_folder,
                NO_COLOR="1")


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
