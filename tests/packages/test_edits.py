"""Edited environments: one package differs, everything else is held still."""
import os
import subprocess

import pytest

from conftest import as_base, default_minor, edit_of, pythons, run_in
from wheel_files import source, wheel


def names(environment):
    return {one["name"]: one["version"] for one in environment["packages"]}


def unmet(package, version, requires, specifier, present=""):
    return {"package": package, "version": version, "requires": requires, "specifier": specifier,
            "present": present}


def fill(helper, base, *requirements):
    """Installs into a virtual environment of files, as a person would."""
    uv = os.path.join(helper.variables["NBREPLAY_HELPER"], "bin", "uv")
    subprocess.run([uv, "pip", "install", "--quiet", "--link-mode", "copy", "--python",
                    os.path.join(base["prefix"], "bin", "python"), *requirements],
                   check=True, env=helper.variables)


def test_one_release_changes_and_the_rest_is_held(helper, shop):
    base = helper.environment("shop")
    edited = helper.edit(as_base(base), [("shop", "1.0")])
    assert names(edited) == {"shop": "1.0", "coins": "2.0"}
    assert run_in(edited, "import shop, coins; print(shop.version, coins.version)") == "1.0 2.0"
    assert run_in(base, "import shop; print(shop.version)") == "2.0"
    assert edited["conflicts"] == [unmet("shop", "1.0", "coins", "<2", present="2.0")]
    assert edited["added"] == []


@pytest.mark.parametrize("version", ["1.1", "2.0"])
def test_what_a_release_needs_can_be_renewed_to_its_age(helper, shop, version):
    base = helper.environment("shop")
    request = edit_of([("shop", version)])
    request["edit"]["renew"] = True
    edited = helper.ok("edit", base=as_base(base), **request)
    # shop 1.1 wants an older one; that of shop 2.0 came four months later.
    assert names(edited) == {"shop": version, "coins": "1.0"}
    assert edited["added"] == [{"name": "coins", "version": "1.0"}]
    assert edited["conflicts"] == []


def test_back_and_forth_is_the_same_environment(helper, shop):
    base = helper.environment("shop")
    there = helper.edit(as_base(base), [("shop", "1.0")])
    back = helper.edit(as_base(there), [("shop", "2.0")])
    assert back["folder"] == base["folder"] and back["unpacked"] == 0


def test_any_environment_can_be_the_base(helper, shop, foreign):
    fill(helper, foreign, "shop")
    edited = helper.edit(foreign, [("shop", "1.1")])
    assert names(edited) == {"shop": "1.1", "coins": "2.0"}
    assert run_in(edited, "import shop, coins; print(shop.version, coins.version)") == "1.1 2.0"
    # What is held is the base's own file, wherever the index has gone meanwhile.
    held = run_in(edited, "import coins, os; print(os.path.realpath(coins.__file__))")
    assert held == os.path.join(foreign["site_packages"][0], "coins.py")
    assert not os.path.exists(os.path.join(edited["site_packages"][0], "shop-2.0.dist-info"))


def test_packages_that_the_index_lacks_are_held_too(helper, shop, foreign, tmp_path):
    site = foreign["site_packages"][0]
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "edited_by_hand.py").write_text("where = 'sources'\n")
    with open(os.path.join(site, "local.pth"), "w") as file:
        file.write("%s\n../../beside\n" % sources)
    os.makedirs(os.path.join(foreign["prefix"], "lib", "beside"))
    with open(os.path.join(foreign["prefix"], "lib", "beside", "relative.py"), "w") as file:
        file.write("")
    with open(os.path.join(site, "stray.py"), "w") as file:
        file.write("here = True\n")
    edited = helper.edit(foreign, [("coins", "1.0")])
    assert run_in(edited, "import edited_by_hand, stray, relative; print(edited_by_hand.where)") == \
        "sources"


def test_change_of_the_base_makes_another_environment(helper, shop, foreign):
    fill(helper, foreign, "coins<2")
    first = helper.edit(foreign, [("shop", "1.0")])
    fill(helper, foreign, "coins>=2")
    second = helper.edit(foreign, [("shop", "1.0")])
    assert first["folder"] != second["folder"]
    assert run_in(second, "import coins; print(coins.version)") == "2.0"


def test_removed_package_is_gone_and_missed(helper, shop, foreign):
    fill(helper, foreign, "shop")
    edited = helper.edit(foreign, removed=["Coins"])
    assert names(edited) == {"shop": "2.0"}
    assert edited["conflicts"] == [unmet("shop", "2.0", "coins", "")]
    code = "import importlib.util as u; print(u.find_spec('coins'), u.find_spec('shop') is None)"
    assert run_in(edited, code) == "None False"


def test_folder_that_packages_share_keeps_the_others_files(helper, index, foreign):
    index.add(*wheel("left", "1.0", files={"both/__init__.py": "", "both/left.py": "version = 1\n"}))
    index.add(*wheel("left", "2.0", files={"both/left.py": "version = 2\n",
                                           "both/newer/__init__.py": ""}))
    index.add(*wheel("right", "1.0", files={"both/right.py": "", "both/deep/a.py": ""}))
    fill(helper, foreign, "left==1.0", "right")
    edited = helper.edit(foreign, [("left", "2.0")])
    code = ("import both.left, both.right, both.deep.a, both.newer, both;"
            "print(both.left.version, both.__file__)")
    assert run_in(edited, code) == "2 None"
    removed = helper.edit(foreign, removed=["left"])
    code = "import both.right, importlib.util as u; print(u.find_spec('both.left'))"
    assert run_in(removed, code) == "None"


def test_what_a_release_needs_is_added_as_it_was_then(helper, index):
    index.add(*wheel("shop", "1.0"), uploaded="2020-01-01")
    index.add(*wheel("shop", "2.0", requires=["coins>=1", "never; sys_platform == 'win32'",
                                              "extra-only; extra == 'all'"]), uploaded="2020-06-01")
    index.add(*wheel("coins", "0.9"), uploaded="2019-01-01")
    index.add(*wheel("coins", "1.0", requires=["mint"]), uploaded="2020-05-01")
    index.add(*wheel("coins", "3.0"), uploaded="2023-01-01")
    index.add(*wheel("mint", "1.0"), uploaded="2018-01-01")
    edited = helper.edit(as_base(helper.environment("shop<2")), [("shop", "2.0")])
    assert edited["added"] == [{"name": "coins", "version": "1.0"}, {"name": "mint", "version": "1.0"}]
    assert edited["conflicts"] == []
    assert run_in(edited, "import coins, mint; print(coins.version)") == "1.0"


def test_what_cannot_be_added_is_told(helper, index):
    index.add(*wheel("shop", "1.0"))
    index.add(*wheel("shop", "2.0", requires=["gone>=7"]))
    index.add(*wheel("gone", "1.0"))
    edited = helper.edit(as_base(helper.environment("shop<2")), [("shop", "2.0")])
    assert edited["conflicts"] == [unmet("shop", "2.0", "gone", ">=7")]
    assert any("gone" in note for note in edited["notes"])


def test_scripts_are_those_of_what_is_there(helper, index, foreign):
    for version in ("1.0", "2.0"):
        code = "import sys\ndef main():\n    print(%r, sys.prefix)\n" % version
        index.add(*wheel("tool", version, files={"tool.py": code},
                         scripts={"tool": "tool:main", "tool-" + version: "tool:main"}))
    index.add(*wheel("other", "1.0", files={"other.py": code}, scripts={"other": "other:main"}))
    fill(helper, foreign, "tool==1.0", "other")
    edited = helper.edit(foreign, [("tool", "2.0")])
    folder = os.path.join(edited["folder"], "bin")
    assert {"tool", "tool-2.0", "other"} <= set(os.listdir(folder))
    assert "tool-1.0" not in os.listdir(folder)
    for script, version in (("tool", "2.0"), ("other", "2.0")):
        output = subprocess.check_output([os.path.join(folder, script)], text=True)
        assert output.split() == [version, edited["folder"]]


def test_release_that_is_not_there_is_missing(helper, shop):
    base = as_base(helper.environment("shop"))
    error = helper.edit_error(base, [("shop", "1.5")])
    assert error["kind"] == "missing" and (error["package"], error["version"]) == ("shop", "1.5")
    assert "1.1" in error["hint"] and "2.0" in error["hint"]


def test_release_of_source_only_is_unbuildable_unless_allowed(helper, shop):
    shop.add(*source("shop", "1.5"))
    base = as_base(helper.environment("shop"))
    error = helper.edit_error(base, [("shop", "1.5")])
    assert error["kind"] == "unbuildable" and "only as source" in error["message"]
    edited = helper.edit(base, [("shop", "1.5")], build=True)
    assert run_in(edited, "import shop; print(shop.version)") == "1.5"


def test_warm_edit_needs_no_network(helper, shop):
    base = as_base(helper.environment("shop"))
    helper.edit(base, [("shop", "1.0")])
    shop.fault = "refuses"
    edited = helper.edit(base, [("shop", "1.0")], removed=["coins"])
    assert names(edited) == {"shop": "1.0"} and edited["unpacked"] == 0


def test_prefetch_unpacks_and_tells_what_failed(helper, shop):
    base = as_base(helper.environment("shop"))
    answer = helper.ok("prefetch", base=base, edits=[
        edit_of([("shop", "1.0")])["edit"], edit_of([("shop", "7")])["edit"],
        edit_of([("shop", "1.1")])["edit"]])
    assert answer["ready"] == 2
    assert [(one["edit"], one["error"]["kind"]) for one in answer["failed"]] == [(1, "missing")]
    shop.fault = "refuses"
    assert helper.edit(base, [("shop", "1.1")], offline=True)["unpacked"] == 0


@pytest.mark.skipif(len(pythons()) < 2, reason="only one Python is there")
def test_same_packages_under_another_python(helper, index):
    minors = sorted(pythons(), key=lambda minor: int(minor.split(".")[1]))
    other = next(minor for minor in minors if minor != default_minor())
    mine, theirs = ("cp" + minor.replace(".", "") for minor in (default_minor(), other))

    def tag(python):
        return "%s-%s-linux_%s" % (python, python, os.uname().machine)

    index.add(*wheel("shop", "1.0", tag=tag(mine)))
    index.add(*wheel("shop", "1.1", tag=tag(theirs)))
    index.add(*wheel("shop", "1.2", tag=tag(theirs)))
    index.add(*wheel("pure", "1.0", requires=["backport; python_version == '%s'" % other]))
    index.add(*wheel("backport", "1.0"))
    index.add(*wheel("only-here", "1.0", tag=tag(mine)))
    base = helper.environment("shop<1.1", "pure", "only-here")
    python = {"executable": pythons()[other], "version": ""}
    missing = {"executable": "/usr/bin/no-such-python", "version": ""}
    ahead = helper.ok("prefetch", base=as_base(base), pythons=[missing, python])
    assert ahead["ready"] == 1 and [one["python"] for one in ahead["failed"]] == [0]
    answer = helper.ok("with_interpreter", base=as_base(base), python=python)
    assert answer["unpacked"] == 0
    assert names(answer) == {"shop": "1.1", "pure": "1.0", "backport": "1.0"}
    assert answer["changed"] == [{"name": "only-here", "from": "1.0", "to": ""},
                                 {"name": "shop", "from": "1.0", "to": "1.1"}]
    assert answer["added"] == [{"name": "backport", "version": "1.0"}]
    assert run_in(answer, "import sys, pure; print('%d.%d' % sys.version_info[:2])") == other
