"""The helper package against an index on this machine; every test has a cache of its own.

NBREPLAY_TEST_PYTHONS is a file with lines "3.11 /path/to/python"; without it, the interpreter that
runs the tests is the only one that environments are made for.
"""
import atexit
import functools
import json
import os
import subprocess
import sys
import tempfile

import pytest

_HERE = os.path.dirname(os.path.abspath(__file__))
_ROOT = os.path.dirname(os.path.dirname(_HERE))
sys.path.insert(0, _HERE)

from local_index import LocalIndex  # noqa: E402
from wheel_files import wheel  # noqa: E402

LIBRARIES = os.environ.get("NBREPLAY_HELPER") or os.path.join(_ROOT, ".nbreplay", "helper")
RUN = os.path.join(_ROOT, "python", "run.py")


def pythons():
    """{"3.11": executable}"""
    path = os.environ.get("NBREPLAY_TEST_PYTHONS")
    if path and os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            return dict(line.split(maxsplit=1) for line in file.read().splitlines() if line.strip())
    return {"%d.%d" % sys.version_info[:2]: os.path.realpath(sys.executable)}


def default_minor():
    found = pythons()
    return "3.11" if "3.11" in found else sorted(found)[-1]


def pytest_configure(config):
    if not os.path.isdir(os.path.join(LIBRARIES, "packaging")):
        pytest.exit("the packaging tools are missing: run scripts/prepare_helper.sh", 2)


@functools.lru_cache(None)
def bytecode():
    folder = tempfile.TemporaryDirectory(prefix="nbreplay-bytecode-")
    atexit.register(folder.cleanup)
    return folder.name


class Helper:
    """Asks the helper package, as the controller does."""

    def __init__(self, index, folder):
        self.index = index
        self.cache = str(folder / "cache")
        self.python_minor = default_minor()
        self.python = pythons()[self.python_minor]
        self.variables = {
            "PATH": os.environ["PATH"], "HOME": str(folder / "home"), "NBREPLAY_HELPER": LIBRARIES,
            "UV_DEFAULT_INDEX": index.url, "UV_CACHE_DIR": str(folder / "uv"),
            "UV_HTTP_TIMEOUT": "2", "UV_HTTP_RETRIES": "0", "UV_PYTHON_DOWNLOADS": "never",
        }
        os.makedirs(self.variables["HOME"], exist_ok=True)
        # Shared between tests: compiling the helper again each time takes longer than they do.
        os.makedirs(os.path.join(self.cache, "packages"))
        os.symlink(bytecode(), os.path.join(self.cache, "packages", "bytecode"))

    def command(self, name):
        return [sys.executable, "-I", "-S", RUN, name]

    def request(self, **fields):
        fields.setdefault("cache", self.cache)
        fields.setdefault("python", {"executable": self.python, "version": ""})
        return json.dumps(fields)

    def start(self, name, **fields):
        """A running helper, its request given."""
        child = subprocess.Popen(self.command(name), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, env=self.variables, text=True)
        child.stdin.write(self.request(**fields))
        child.stdin.close()
        child.stdin = None
        return child

    def answer(self, name, **fields):
        done = subprocess.run(self.command(name), input=self.request(**fields), env=self.variables,
                              capture_output=True, text=True)
        assert done.returncode == 0 and not done.stderr, (name, fields, done.stderr)
        return json.loads(done.stdout)

    def ok(self, name, **fields):
        answer = self.answer(name, **fields)
        assert "ok" in answer, answer
        return answer["ok"]

    def error(self, name, **fields):
        answer = self.answer(name, **fields)
        assert "error" in answer, answer
        return answer["error"]

    def lock(self, *requirements, **fields):
        return self.ok("resolve", requirements=list(requirements), **fields)["lock"]

    def environment(self, *requirements, **fields):
        """Resolved and installed."""
        return self.ok("install", lock=self.lock(*requirements, **fields), **fields)

    def edit(self, base, set=(), removed=(), **fields):
        return self.ok("edit", base=base, **edit_of(set, removed), **fields)

    def edit_error(self, base, set=(), removed=(), **fields):
        return self.error("edit", base=base, **edit_of(set, removed), **fields)


def edit_of(set, removed=()):
    return {"edit": {"set": [{"name": name, "version": version} for name, version in set],
                     "removed": list(removed)}}


def as_base(environment):
    """A request's `base` of an environment answer."""
    return {"prefix": environment["folder"], "site_packages": environment["site_packages"]}


def run_in(environment, code, *arguments):
    """What Python code prints in an environment."""
    executable = environment["python"]["executable"]
    done = subprocess.run([executable, "-c", code, *arguments], capture_output=True, text=True,
                          env={"PATH": os.path.dirname(executable) + ":/usr/bin:/bin"})
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def index():
    index = LocalIndex()
    yield index
    index.close()


@pytest.fixture
def helper(index, tmp_path):
    return Helper(index, tmp_path)


@pytest.fixture
def shop(index):
    """A library of three releases, one dependency, and a prerelease."""
    index.add(*wheel("coins", "1.0"), uploaded="2019-05-01")
    index.add(*wheel("coins", "2.0"), uploaded="2021-05-01")
    for version, uploaded in (("1.0", "2020-01-10"), ("1.1", "2020-06-10"), ("2.0", "2021-01-10")):
        index.add(*wheel("shop", version, requires=["coins<2" if version < "2" else "coins"]),
                  uploaded=uploaded)
    index.add(*wheel("shop", "3.0rc1", requires=["coins"]), uploaded="2022-01-10")
    return index


@pytest.fixture
def foreign(tmp_path):
    """A virtual environment that is not ours, filled by hand: a request's `base`."""
    folder = tmp_path / "foreign"
    python = pythons()[default_minor()]
    subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True)
    site = folder / "lib" / ("python" + default_minor()) / "site-packages"
    return {"prefix": str(folder), "site_packages": [str(site)]}
