"""Several processes at the same work, and processes that die at it."""
import glob
import json
import os
import shutil
import signal
import subprocess
import time

import pytest

from conftest import as_base, edit_of, run_in
from wheel_files import wheel


def wait_until(condition, what):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.005)


def answers(children):
    found = []
    for child in children:
        output, errors = child.communicate(timeout=120)
        assert child.returncode == 0 and not errors, errors
        found.append(json.loads(output)["ok"])
    return found


def store_of(helper):
    return os.path.join(helper.cache, "packages")


def leftovers(helper):
    return glob.glob(os.path.join(store_of(helper), "**", "*.part"), recursive=True)


def test_eight_processes_make_one_environment_once(helper, index):
    names = ["p%d" % number for number in range(12)]
    for name in names:
        index.add(*wheel(name, "1.0", files={name + "/__init__.py": "", name + "/data.txt": name * 9}))
    lock = helper.lock(*names)
    found = answers([helper.start("install", lock=lock) for _ in range(8)])
    assert len({one["folder"] for one in found}) == 1
    assert sum(one["unpacked"] for one in found) == len(names)
    assert leftovers(helper) == []
    code = "import %s; print(open(p3.__path__[0] + '/data.txt').read())" % ", ".join(names)
    assert run_in(found[0], code) == "p3" * 9


def test_processes_that_edit_at_once_do_not_disturb_each_other(helper, shop):
    base = as_base(helper.environment("shop"))
    wanted = ["1.0", "1.1", "2.0", "3.0rc1"] * 2
    children = [helper.start("edit", base=base, **edit_of([("shop", version)])) for version in wanted]
    for version, environment in zip(wanted, answers(children)):
        assert run_in(environment, "import shop; print(shop.version)") == version


class Slowed:
    """A Python that waits when it is to compile, as long as a file is there."""

    def __init__(self, helper, folder):
        self.waits = folder / "waits"
        self.reached = folder / "reached"
        self.path = folder / "python"
        self.path.write_text(
            '#!/bin/sh\ncase "$*" in *compileall*)\n  touch %s\n  while [ -e %s ]; do sleep 0.05; done\n'
            'esac\nexec %s "$@"\n' % (self.reached, self.waits, helper.python))
        self.path.chmod(0o755)
        self.waits.touch()


@pytest.fixture
def slowed(helper, tmp_path):
    """The interpreter's facts name the slowed one, so that the store compiles with it."""
    slowed = Slowed(helper, tmp_path)
    yield slowed
    slowed.waits.unlink(missing_ok=True)


def use(helper, slowed):
    """Facts are cached by the real executable: changed there."""
    for path in glob.glob(os.path.join(store_of(helper), "interpreters", "*.json")):
        with open(path) as file:
            facts = json.load(file)
        facts["base_executable"] = str(slowed.path)
        with open(path, "w") as file:
            json.dump(facts, file)


def forget_interpreters(helper):
    shutil.rmtree(os.path.join(store_of(helper), "interpreters"))


def test_killed_maker_is_made_good_by_the_next(helper, shop, slowed):
    lock = helper.lock("coins")
    use(helper, slowed)
    child = helper.start("install", lock=lock)
    wait_until(slowed.reached.exists, "it never came to compiling")
    assert len(leftovers(helper)) == 1
    child.send_signal(signal.SIGKILL)
    child.communicate()
    slowed.waits.unlink()
    forget_interpreters(helper)
    environment = helper.ok("install", lock=lock)
    assert environment["unpacked"] == 1 and leftovers(helper) == []
    assert run_in(environment, "import coins; print(coins.version)") == "2.0"


def test_next_maker_waits_for_what_a_killed_one_left_running(helper, shop, slowed):
    """Its uv or compiler may still write into the folder."""
    lock = helper.lock("coins")
    use(helper, slowed)
    first = helper.start("install", lock=lock)
    wait_until(slowed.reached.exists, "it never came to compiling")
    part = leftovers(helper)[0]
    inode = os.stat(part).st_ino
    first.send_signal(signal.SIGKILL)
    first.communicate()
    second = helper.start("install", lock=lock)
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(timeout=1)
    assert os.stat(part).st_ino == inode
    slowed.waits.unlink()
    assert answers([second])[0]["unpacked"] == 1


@pytest.mark.parametrize("moment", range(0, 100, 20))
def test_killed_at_any_moment_the_next_run_succeeds(helper, shop, moment):
    """Moments are hundredths of what a whole run takes here, measured first."""
    lock = helper.lock("shop")
    begin = time.monotonic()
    helper.ok("install", lock=lock)
    whole = time.monotonic() - begin
    for folder in ("wheels", "environments"):
        shutil.rmtree(os.path.join(store_of(helper), folder))
    child = helper.start("install", lock=lock)
    try:
        child.wait(timeout=whole * moment / 100)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
    child.communicate()
    environment = helper.ok("install", lock=lock)
    assert leftovers(helper) == []
    assert run_in(environment, "import shop, coins; print(shop.version, coins.version)") == "2.0 2.0"


def test_damaged_entries_are_made_again(helper, shop):
    lock = helper.lock("shop")
    first = helper.ok("install", lock=lock)
    for path in glob.glob(os.path.join(store_of(helper), "wheels", "*", "shop", "*", ".nbreplay.json")):
        open(path, "w").close()
    os.truncate(os.path.join(first["folder"], "nbreplay-environment.json"), 10)
    again = helper.ok("install", lock=lock)
    assert again["unpacked"] == 1
    assert run_in(again, "import shop; print(shop.version)") == "2.0"
