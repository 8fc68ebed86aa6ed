"""What an index does wrong ends in a clear answer, and leaves the store as it was."""
import os
import subprocess

import pytest

from conftest import as_base, run_in
from wheel_files import source, wheel


@pytest.fixture
def base(helper, shop):
    """shop 2.0 is installed; 1.0 is what every test asks for."""
    return as_base(helper.environment("shop"))


def entries(helper):
    """Names of what lies in the store of wheels, half made entries too."""
    found = []
    for path, names, _ in os.walk(os.path.join(helper.cache, "packages", "wheels")):
        if path.count(os.sep) == helper.cache.count(os.sep) + 4:
            found += names
            names.clear()
    return sorted(found)


@pytest.mark.parametrize("fault, kind, words", [
    ("truncated", "broken", "the file of shop 1.0"),
    ("garbage", "broken", "the file of shop 1.0"),
    ("wrong hash", "broken", "the file of shop 1.0"),
    ("missing", "missing", "its file is not there"),
    ("cut", "unreachable", "could not be reached"),
    ("hangs", "unreachable", "could not be reached"),
])
def test_fault_of_a_file_is_told_and_can_be_repaired(helper, shop, base, fault, kind, words):
    before = entries(helper)
    shop.files["shop-1.0-py3-none-any.whl"].fault = fault
    error = helper.edit_error(base, [("shop", "1.0")])
    assert (error["kind"], error["package"], error["version"]) == (kind, "shop", "1.0"), error
    assert words in error["message"] and error["cause"]
    assert entries(helper) == before
    shop.files["shop-1.0-py3-none-any.whl"].fault = None
    edited = helper.edit(base, [("shop", "1.0")])
    assert run_in(edited, "import shop; print(shop.version)") == "1.0"


def test_damaged_wheel_with_the_right_digest_is_broken(helper, shop, base):
    shop.add("shop-1.5-py3-none-any.whl", b"this is no archive" * 50)
    error = helper.edit_error(base, [("shop", "1.5")])
    assert error["kind"] == "broken" and error["cause"]


def test_wheel_of_another_package_is_broken(helper, shop, base):
    name, content = wheel("shop", "1.5", metadata_name="coins")
    shop.add(name, content)
    other, content = wheel("other", "1.5")
    shop.add("shop-1.6-py3-none-any.whl", content)
    assert helper.edit_error(base, [("shop", "1.5")])["kind"] == "broken"
    assert helper.edit_error(base, [("shop", "1.6")])["kind"] == "broken"


def test_other_releases_are_not_touched_by_a_fault(helper, shop, base):
    shop.files["shop-1.0-py3-none-any.whl"].fault = "garbage"
    assert "error" in helper.answer("edit", base=base, edit={"set": [{"name": "shop", "version": "1.0"}]})
    edited = helper.edit(base, [("shop", "1.1")])
    assert run_in(edited, "import shop; print(shop.version)") == "1.1"


def test_index_that_went_away_serves_what_is_unpacked(helper, shop, base):
    shop.fault = "refuses"
    error = helper.edit_error(base, [("shop", "1.0")])
    assert error["kind"] == "unreachable"
    assert helper.edit(base, [("shop", "2.0")])["unpacked"] == 0


def test_yanked_release_can_be_asked_for(helper, shop, base):
    shop.files["shop-1.0-py3-none-any.whl"].yanked = "it ate the data"
    edited = helper.edit(base, [("shop", "1.0")])
    assert run_in(edited, "import shop; print(shop.version)") == "1.0"


def test_build_that_fails_is_unbuildable_with_its_words(helper, shop, base):
    shop.add(*source("shop", "1.5", build="raise SystemExit('no compiler for this')"))
    error = helper.edit_error(base, [("shop", "1.5")], build=True)
    assert error["kind"] == "unbuildable" and "building it failed" in error["message"]
    assert "no compiler for this" in error["cause"]


def test_build_does_not_run_unless_allowed(helper, shop, base, tmp_path):
    mark = tmp_path / "ran"
    shop.add(*source("shop", "1.5", build="open(%r, 'w').close()" % str(mark)))
    helper.edit_error(base, [("shop", "1.5")])
    helper.error("resolve", requirements=["shop==1.5"])
    helper.ok("releases", package="shop")
    assert not mark.exists()
    helper.edit(base, [("shop", "1.5")], build=True)
    assert mark.exists()


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 16 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)],
                          capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip("a small file system cannot be mounted here: " + done.stderr.strip())
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_full_disk_is_told_and_what_was_there_still_works(helper, index, small_disk):
    helper.cache = str(small_disk / "cache")
    index.add(*wheel("small", "1.0"))
    index.add(*wheel("large", "1.0", files={"large.py": "", "large.bin": os.urandom(24 << 20)}))
    lock = helper.lock("small")
    helper.ok("install", lock=lock)
    before = entries(helper)
    error = helper.error("install", lock=helper.lock("large"))
    assert error["kind"] == "environment" and "no space is left" in error["message"]
    assert "prune" in error["hint"]
    assert entries(helper) == before
    environment = helper.ok("install", lock=lock)
    assert environment["unpacked"] == 0
    assert run_in(environment, "import small; print(small.version)") == "1.0"


def test_full_quota_is_told_in_the_same_way(helper, index, monkeypatch):
    """A limit on file sizes stands for a disk that is full for some."""
    index.add(*wheel("large", "1.0", files={"large.py": "", "large.bin": os.urandom(6 << 20)}))
    lock = helper.lock("large")
    plain = helper.command
    monkeypatch.setattr(helper, "command", lambda name: [
        "bash", "-c", "trap '' XFSZ; ulimit -f 1024; exec \"$@\"", "-", *plain(name)])
    helper.variables["UV_CACHE_DIR"] += "-empty"
    error = helper.error("install", lock=lock)
    assert error["kind"] == "environment" and "no space is left" in error["message"], error
    assert entries(helper) == []
