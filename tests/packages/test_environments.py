"""Environments behave as virtual environments that an installer filled."""
import json
import os
import subprocess
import sys

import pytest

from conftest import Helper, default_minor, pythons, run_in
from wheel_files import wheel


MINORS = sorted(pythons(), key=lambda minor: int(minor.split(".")[1]))
HELPER_MINORS = [minor for minor in MINORS if minor != "3.8"]


@pytest.fixture(params=sorted({MINORS[0], default_minor(), MINORS[-1]}))
def each(request, helper):
    """The helper, for the oldest Python that is there, the usual one and the newest."""
    helper.python_minor = request.param
    helper.python = pythons()[request.param]
    return helper


def add_everything(index):
    """A package with one of everything that wheels can bring, and one that shares folders with it."""
    index.add(*wheel(
        "everything", "1.0",
        files={
            "everything/__init__.py": "from everything import part\n",
            "everything/part.py": "where = __file__\n",
            "everything/__main__.py": "import sys; print('main', sys.argv[1:])\n",
            "everything/table.csv": "a,b\n",
            "single.py": "import os\n",
            "spread/one.py": "name = 'one'\n",
            "shared/__init__.py": "", "shared/one.py": "name = 'one'\n",
            "everything.pth": "extra_folder\nimport os; os.environ['PTH_RAN'] = 'yes'\n",
            "extra_folder/found_by_pth.py": "",
        },
        scripts={"every-thing": "everything.tool:main"},
        entry_points="[shop.plugins]\nfirst = everything.part:where\n\n",
        data={"data/share/jupyter/kernels/every/kernel.json": "{}", "data/etc/every.conf": "x",
              "scripts/every-sh": "#!/bin/sh\necho from sh\n",
              "scripts/every-py": "#!python\nimport sys, single; print('py', sys.prefix)\n",
              "headers/every.h": ""}))
    index.files["everything-1.0-py3-none-any.whl"].content = wheel_with_tool(index)
    index.add(*wheel("another", "1.0", requires=["everything"], files={
        "spread/two.py": "name = 'two'\n", "shared/two.py": "name = 'two'\n", "another.py": "",
    }, data={"data/share/jupyter/kernels/another/kernel.json": "{}"}))


def wheel_with_tool(index):
    """The same wheel, with the module that its script calls."""
    import io
    import zipfile
    content = io.BytesIO(index.files["everything-1.0-py3-none-any.whl"].content)
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("everything/tool.py", "import sys\ndef main():\n    print('tool', sys.prefix)\n"
                                               "    return 3\n")
    return content.getvalue()


def test_everything_works_as_installed(each, index):
    add_everything(index)
    environment = each.environment("another")
    seen = json.loads(run_in(environment, """
import importlib.metadata as metadata, importlib.resources, json, os, sys
import everything, single, another, found_by_pth, spread.one, spread.two, shared.one, shared.two
points = metadata.entry_points()
points = points.get("shop.plugins", ()) if isinstance(points, dict) else points.select(group="shop.plugins")
files = [str(path) for path in metadata.files("everything") if not path.locate().exists()]
print(json.dumps({
    "prefix": sys.prefix, "version": metadata.version("everything"), "missing": files,
    "points": [(point.name, point.load()) for point in points], "pth": os.environ.get("PTH_RAN"),
    "file": everything.__file__, "cached": os.path.exists(everything.part.__cached__),
    "names": sorted({one.metadata["Name"] for one in metadata.distributions()}),
    "requires": metadata.requires("another"),
    "data": open(os.path.join(os.path.dirname(everything.__file__), "table.csv")).read(),
    "kernels": sorted(os.listdir(os.path.join(sys.prefix, "share/jupyter/kernels"))),
    "etc": open(os.path.join(sys.prefix, "etc/every.conf")).read(),
}))"""))
    site = environment["site_packages"][0]
    assert seen["prefix"] == environment["folder"]
    assert seen["file"] == os.path.join(site, "everything", "__init__.py")
    assert seen["cached"] and seen["missing"] == []
    assert seen["points"] == [["first", os.path.join(site, "everything", "part.py")]]
    assert seen["pth"] == "yes" and seen["etc"] == "x" and seen["data"] == "a,b\n"
    assert seen["names"] == ["another", "everything"] and seen["requires"] == ["everything"]
    assert seen["version"] == "1.0" and seen["kernels"] == ["another", "every"]
    assert environment["packages"] == [{"name": "another", "version": "1.0"},
                                       {"name": "everything", "version": "1.0"}]


def test_scripts_start_the_environments_python(each, index):
    add_everything(index)
    environment = each.environment("everything")
    folder = environment["folder"]

    def run(name):
        done = subprocess.run([os.path.join(folder, "bin", name)], capture_output=True, text=True)
        return done.returncode, done.stdout.strip()

    assert run("every-thing") == (3, "tool " + folder)
    assert run("every-py") == (0, "py " + folder)
    assert run("every-sh") == (0, "from sh")


def test_children_see_the_packages(each, index, tmp_path):
    add_everything(index)
    environment = each.environment("everything")
    script = tmp_path / "spawns.py"
    script.write_text("""
import multiprocessing, os, subprocess, sys
import everything

def where(_):
    import everything
    return everything.__file__

if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(where, [0]) == [everything.__file__]
    print(subprocess.check_output([sys.executable, "-m", "everything", "x"], text=True).strip())
    print(subprocess.check_output("python -c 'import everything; print(everything.__name__)'",
                                  shell=True, text=True).strip())
""")
    code = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')"
    assert run_in(environment, code, str(script)).splitlines() == ["main ['x']", "everything"]


def test_is_made_once_and_needs_no_network_then(helper, shop):
    lock = helper.lock("shop")
    first = helper.ok("install", lock=lock)
    assert first["unpacked"] == 2
    shop.fault = "refuses"
    again = helper.ok("install", lock=lock, offline=True)
    assert again["unpacked"] == 0 and again["folder"] == first["folder"]


def test_unpacks_offline_what_was_fetched_before(helper, shop):
    """Removing the environments costs no download."""
    import shutil
    lock = helper.lock("shop")
    helper.ok("install", lock=lock)
    shutil.rmtree(os.path.join(helper.cache, "packages", "wheels"))
    shutil.rmtree(os.path.join(helper.cache, "packages", "environments"))
    shop.fault = "refuses"
    environment = helper.ok("install", lock=lock, offline=True)
    assert environment["unpacked"] == 2
    assert run_in(environment, "import shop; print(shop.version)") == "2.0"


def test_share_what_they_have_in_common(helper, shop):
    first = helper.environment("shop")
    second = helper.environment("shop<2", "coins<2")
    third = helper.environment("coins")
    assert (first["unpacked"], second["unpacked"], third["unpacked"]) == (2, 2, 0)
    inodes = [os.stat(os.path.join(one["site_packages"][0], "coins.py")).st_ino
              for one in (first, third)]
    assert inodes[0] == inodes[1]


def test_bytecode_is_there_for_every_module_but_tests(helper, index):
    index.add(*wheel("shop", "1.0", files={"shop/__init__.py": "", "shop/deep/part.py": "x = 1",
                                           "shop/tests/test_it.py": "", "shop/bad.py": "no python"}))
    site = helper.environment("shop")["site_packages"][0]
    found = {name.split(".")[0] for _, _, names in os.walk(os.path.join(site, "shop"))
             for name in names if name.endswith(".pyc")}
    assert found == {"__init__", "part"}


def test_lock_of_another_python_is_refused(helper, shop):
    lock = dict(helper.lock("shop"), python="3.1")
    assert helper.error("install", lock=lock)["kind"] == "usage"


def test_lock_names_the_only_file_that_will_do(helper, shop):
    lock = helper.lock("shop")
    shop.add(*wheel("coins", "2.0", files={"coins.py": "version = 'changed'\n"}))
    error = helper.error("install", lock=lock)
    assert error["kind"] == "broken" and error["package"] == "coins"


def test_folder_with_blanks_and_a_long_name_works(index, tmp_path):
    add_everything(index)
    deep = tmp_path / ("a folder with blanks " + "x" * 100)
    deep.mkdir()
    helper = Helper(index, deep)
    environment = helper.environment("everything")
    done = subprocess.run([os.path.join(environment["folder"], "bin", "every-thing")],
                          capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (3, "tool " + environment["folder"])


def test_real_environment_stands_on_its_own(helper, shop, tmp_path):
    lock = helper.lock("shop")
    folder = tmp_path / "mine"
    made = helper.ok("virtual_environment", lock=lock, folder=str(folder))
    assert made["packages"] == [{"name": "coins", "version": "2.0"}, {"name": "shop", "version": "2.0"}]
    links = [path for path, _, names in os.walk(folder / "lib") for name in names
             if os.path.islink(os.path.join(path, name))]
    assert links == []
    done = subprocess.run([folder / "bin" / "python", "-c", "import shop; print(shop.version)"],
                          capture_output=True, text=True)
    assert done.stdout.strip() == "2.0"
    error = helper.error("virtual_environment", lock=lock, folder=str(folder))
    assert error["kind"] == "usage" and "there already" in error["message"]


def test_interpreter_that_does_not_run_is_named(helper, shop):
    python = {"executable": "/bin/false", "version": "3.11"}
    error = helper.error("resolve", requirements=["shop"], python=python)
    assert error["kind"] == "environment" and "/bin/false" in error["message"]
    missing = {"executable": "/nowhere/python", "version": "3.11"}
    assert helper.error("resolve", requirements=["shop"], python=missing)["kind"] == "environment"


def test_virtual_environments_python_stands_for_its_base(helper, shop, foreign):
    python = {"executable": os.path.join(foreign["prefix"], "bin", "python"), "version": ""}
    lock = helper.lock("shop")
    environment = helper.ok("install", lock=lock, python=python)
    assert environment["folder"] == helper.ok("install", lock=lock)["folder"]


@pytest.mark.skipif(sys.version_info < (3, 9), reason="the helper itself needs Python 3.9")
@pytest.mark.parametrize("minor", HELPER_MINORS[:1] + HELPER_MINORS[1:][-1:])
def test_helper_runs_on_the_oldest_and_the_newest_python(index, shop, tmp_path, minor):
    helper = Helper(index, tmp_path)
    helper.command = lambda name, run=helper.command: [pythons()[minor]] + run(name)[1:]
    assert run_in(helper.environment("shop"), "import shop; print(shop.version)") == "2.0"
