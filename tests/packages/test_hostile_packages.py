"""What wheels and indexes may try: nothing of it leaves the environment's own folder."""
import io
import os
import zipfile

import pytest

from conftest import as_base, run_in
from wheel_files import wheel


def files_below(folder):
    return {os.path.relpath(os.path.join(path, name), folder)
            for path, _, names in os.walk(folder) for name in names}


@pytest.mark.parametrize("name", ["python", "python3", "python3.11", "activate", ".hidden"])
def test_scripts_do_not_take_the_interpreters_names(helper, index, name):
    index.add(*wheel("bad", "1.0", files={"bad.py": "def main(): print('taken')\n"},
                     scripts={name: "bad:main", "good": "bad:main"},
                     data={"scripts/python3": "#!/bin/sh\necho taken\n"}))
    answer = helper.answer("install", lock=helper.lock("bad"))
    if "ok" in answer:
        environment = answer["ok"]
        assert run_in(environment, "print('mine')") == "mine"
        assert os.path.realpath(environment["python"]["executable"]) == os.path.realpath(helper.python)
        assert name == "python3.11" or not os.path.exists(
            os.path.join(environment["folder"], "bin", name)) or os.path.islink(
            os.path.join(environment["folder"], "bin", name))


@pytest.mark.parametrize("name", ["../../../../escaped", "/tmp/nbreplay-escaped", "a/../../b", "..", "x\ny"])
def test_scripts_stay_in_bin(helper, index, tmp_path, name):
    index.add(*wheel("bad", "1.0", files={"bad.py": ""}, scripts={name: "bad:main"}))
    before = files_below(tmp_path / "home")
    answer = helper.answer("install", lock=helper.lock("bad"))
    assert "ok" in answer or answer["error"]["kind"] == "broken", answer
    assert not os.path.exists("/tmp/nbreplay-escaped")
    assert not list(tmp_path.rglob("*escaped*"))
    assert files_below(tmp_path / "home") == before


@pytest.mark.parametrize("path", ["../escaped.py", "/tmp/nbreplay-escaped.py", "bad/../../escaped.py"])
def test_members_stay_in_the_wheels_folder(helper, index, tmp_path, path):
    index.add(*wheel("bad", "1.0", files={"bad.py": "", path: ""}))
    answer = helper.answer("resolve", requirements=["bad"])
    if "ok" in answer:
        helper.answer("install", lock=answer["ok"]["lock"])
    assert not os.path.exists("/tmp/nbreplay-escaped.py")
    found = [one for one in tmp_path.rglob("*escaped*") if "uv" not in one.parts]
    assert all("wheels" in one.parts for one in found)


def test_links_in_wheels_are_no_links(helper, index, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    name, content = wheel("bad", "1.0", files={"bad/__init__.py": ""})
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("bad/link.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, str(secret))
    index.add(name, out.getvalue())
    answer = helper.answer("install", lock=helper.lock("bad"))
    if "ok" in answer:
        site = answer["ok"]["site_packages"][0]
        path = os.path.join(site, "bad", "link.txt")
        assert not os.path.islink(path)
        assert not os.path.exists(path) or open(path).read() != "secret"


def test_path_files_cannot_make_other_folders_visible(helper, index, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    index.add(*wheel("bad", "1.0", files={
        "bad.py": "", "inside/found.py": "",
        "bad.pth": "inside\n%s\n../../../..\nimport site; site.addsitedir(%r)\n" % (outside, str(outside)),
        "_nbreplay.pth": "# linked: %s\n" % outside}))
    environment = helper.environment("bad")
    site = environment["site_packages"][0]
    with open(os.path.join(site, "bad.pth")) as file:
        lines = file.read().splitlines()
    assert lines[0] == "inside" and len(lines) == 2
    assert not lines[1].startswith("import site")
    with open(os.path.join(site, "_nbreplay.pth")) as file:
        assert str(outside) not in file.read()
    assert run_in(environment, "import bad, found; print(found.__name__)") == "found"


def test_data_cannot_replace_what_makes_an_environment(helper, index):
    index.add(*wheel("bad", "1.0", files={"bad.py": ""}, data={
        "data/pyvenv.cfg": "home = /tmp\n", "data/nbreplay-environment.json": "{}",
        "data/.nbreplay.json": "{}", "data/bin/python": "#!/bin/sh\necho taken\n",
        "data/lib/python%s/site-packages/os.py" % helper.python_minor: "raise SystemExit('taken')"}))
    answer = helper.answer("install", lock=helper.lock("bad"))
    if "ok" in answer:
        assert run_in(answer["ok"], "import sys; print(sys.prefix)") == answer["ok"]["folder"]
        edited = helper.edit(as_base(answer["ok"]), removed=["bad"])
        assert edited["packages"] == []


@pytest.mark.parametrize("name", ["../x", "x/../../y", "x y", "-x", ""])
@pytest.mark.parametrize("version", ["1.0"])
def test_requests_name_packages_only(helper, shop, name, version):
    base = as_base(helper.environment("coins"))
    assert helper.edit_error(base, [(name, version)])["kind"] == "usage"
    assert helper.edit_error(base, removed=[name])["kind"] == "usage"
    lock = {"python": helper.python_minor, "hash": "", "packages": [
        {"name": name, "version": version, "hashes": ["sha256:" + "0" * 64]}]}
    assert helper.error("install", lock=lock)["kind"] == "usage"


@pytest.mark.parametrize("version", ["../1.0", "1.0/../../x", "1.0 --hash", "", "1.0\n-r x", None, 7])
def test_requests_name_versions_only(helper, shop, version):
    base = as_base(helper.environment("coins"))
    assert helper.edit_error(base, [("shop", version)])["kind"] == "usage"


@pytest.mark.parametrize("digest", ["md5:aa", "sha256:../../x", "sha256:", 7, "sha256:" + "g" * 64])
def test_requests_name_digests_only(helper, shop, digest):
    lock = {"python": helper.python_minor, "hash": "", "packages": [
        {"name": "coins", "version": "2.0", "hashes": [digest]}]}
    assert helper.error("install", lock=lock)["kind"] in ("usage", "broken")


@pytest.mark.parametrize("text", ["", "[]", "7", "{}", "{\"cache\": 7}", "{\"cache\": \"here\"}", "nonsense"])
def test_requests_that_are_none_are_refused(helper, text):
    import json
    import subprocess
    done = subprocess.run(helper.command("releases"), input=text, capture_output=True, text=True,
                          env=helper.variables)
    assert done.returncode == 0 and json.loads(done.stdout)["error"]["kind"] == "usage"


def test_unknown_commands_are_refused(helper):
    assert helper.error("format")["kind"] == "usage"
