"""Environments that nbreplay makes: inferred, locked, created, used, removed.

Needs the package index once, for packages of a few hundred kilobytes; with NBREPLAY_TEST_CACHE, a
folder that is kept, only the first time.
"""
import json
import os
import pathlib
import subprocess

import jsonschema
import pytest

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "schemas" / "env.schema.json"
AS_OF = "2023-06-01"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return os.environ.get("NBREPLAY_TEST_CACHE") or tmp_path_factory.mktemp("store")


@pytest.fixture
def env(nbreplay, store):
    def run(*arguments, **more):
        return nbreplay("env", *arguments, "--cache-dir", store, **more)

    return run


@pytest.fixture
def project(tmp_path):
    """A project's root, so that nothing above it is looked at."""
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    return folder


def checked(done):
    document = done.json()
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)
    return document["env"]


def test_infer_reads_files_pip_lines_and_imports(env, project, make_notebook):
    (project / "requirements.txt").write_text("six==1.16.0\n")
    path = make_notebook("a", "%pip install -q idna==3.4", "import six, idna, json, own_helpers",
                         folder=project)
    (project / "own_helpers.py").write_text("")
    done = env("infer", path, "--json")
    assert done.code == 0, done
    plan = checked(done)["notebooks"][0]["plan"]
    assert sorted(plan["requirements"]) == ["idna==3.4", "six==1.16.0"]
    assert plan["source"] == "requirements.txt"
    assert plan["unknown"] == []


def test_infer_leaves_out_what_was_recorded_as_missing(env, project, make_notebook):
    error = {"output_type": "error", "ename": "ModuleNotFoundError",
             "evalue": "No module named 'pandas'", "traceback": []}
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [error],
            "source": "import pandas, yaml"}
    plan = checked(env("infer", make_notebook("a", cell, folder=project), "--json"))
    assert plan["notebooks"][0]["plan"]["requirements"] == ["pyyaml"]


def test_infer_says_which_imports_it_does_not_know(env, project, make_notebook):
    path = make_notebook("a", "import surely_nobody_named_it_so", folder=project)
    done = env("infer", path)
    assert done.code == 1, done
    assert "surely_nobody_named_it_so" in done.out


def test_created_environment_runs_notebooks_and_their_children(env, nbreplay, store, project,
                                                               make_notebook, demo_environment):
    path = make_notebook("a", "import six, sys, subprocess\nprint(six.__version__)",
                         "print(subprocess.run([sys.executable, '-c', 'import six; "
                         "print(six.__version__, six.__file__)'],"
                         " capture_output=True, text=True).stdout)",
                         "from importlib.metadata import version\nprint(version('six'))",
                         folder=project)
    created = env("create", path, "--as-of", AS_OF, "--python", demo_environment / "bin/python",
                  "--json")
    assert created.code == 0, created
    made = checked(created)["created"][0]
    packages = {one["name"]: one["version"] for one in made["environment"]["packages"]}
    assert packages == {"six": "1.16.0"}
    assert str(store) in made["folder"]
    done = nbreplay("run", path, "--environment", made["folder"], "--cache-dir", store, "--json")
    assert done.code == 0, done
    texts = "".join(output["text"] if isinstance(output["text"], str) else "".join(output["text"])
                    for cell in json.loads((project / "a.executed.ipynb").read_text())["cells"]
                    for output in cell["outputs"])
    assert texts.count("1.16.0") == 3


def test_children_of_a_notebook_have_its_environment(env, nbreplay, store, project, make_notebook,
                                                     demo_environment):
    """`!python`, console scripts, multiprocessing's spawn, loky's processes: in the sandbox, where
    there is one."""
    path = make_notebook(
        "a", "import joblib, multiprocessing, six, tabulate",
        '!python -c "import six; print(six.__version__, six.__file__)"',
        "!tabulate --help",
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        print(pool.apply(six.ensure_str, (b'spawned',)))",
        "words = joblib.Parallel(n_jobs=2, backend='loky')(\n"
        "    joblib.delayed(six.ensure_str)(word) for word in (b'by', b'loky'))\n"
        "print(words)", folder=project)
    created = env("create", path, "--as-of", AS_OF, "--python", demo_environment / "bin/python")
    assert created.code == 0, created
    folder = created.out.strip()
    done = nbreplay("run", path, "--environment", folder, "--cache-dir", store)
    assert done.code == 0, done
    python, script, spawned, loky = [
        "".join("".join(output.get("text", "")) for output in cell["outputs"])
        for cell in json.loads((project / "a.executed.ipynb").read_text())["cells"][1:]]
    assert python.startswith("1.16.0 ") and str(store) in python, python
    assert "Pretty-print tabular data" in script or "Usage: tabulate" in script, script
    assert spawned.strip() == "spawned", spawned
    assert loky.strip() == "['by', 'loky']", loky


def test_same_environment_is_made_once_and_offline_later(env, project, make_notebook):
    path = make_notebook("a", "import six", folder=project)
    first = env("create", path, "--as-of", AS_OF)
    assert first.code == 0, first
    again = env("create", path, "--as-of", AS_OF, "--offline")
    assert (again.code, again.out) == (0, first.out), again


def test_lock_is_complete_and_makes_the_same_environment_again(env, project, make_notebook):
    path = make_notebook("a", "import six", folder=project)
    lock = project / "nbreplay.lock.json"
    done = env("lock", path, "--as-of", AS_OF, "--output", lock)
    assert done.code == 0, done
    written = json.loads(lock.read_text())
    assert [one["name"] for one in written["packages"]] == ["six"]
    assert all(one["hashes"] for one in written["packages"])
    from_lock = env("create", "--requirements", lock, "--json")
    assert from_lock.code == 0, from_lock
    assert checked(from_lock)["created"][0]["lock_hash"] == written["hash"]
    # Beside the notebook it is found by its name.
    beside = env("infer", path, "--json")
    assert checked(beside)["notebooks"][0]["plan"]["lock"]["hash"] == written["hash"]


def test_lock_never_overwrites_what_is_none(env, project):
    requirements = project / "requirements.txt"
    requirements.write_text("six\n")
    done = env("lock", "--requirements", requirements, "--output", requirements)
    assert done.code == 2, done
    assert "is no lock of nbreplay" in done.err
    assert requirements.read_text() == "six\n"


def test_lock_for_pip_carries_digests(env, project):
    (project / "r.txt").write_text("six==1.16.0\n")
    done = env("lock", "--requirements", project / "r.txt", "--format", "requirements")
    assert done.code == 0, done
    assert "six==1.16.0" in done.out and "--hash=sha256:" in done.out


def test_virtual_environment_stands_alone(env, store, project, make_notebook):
    path = make_notebook("a", "import six", folder=project)
    folder = project / "own"
    done = env("create", path, "--as-of", AS_OF, "--venv", folder)
    assert done.code == 0, done
    assert done.out.strip() == str(folder)
    where = subprocess.run([folder / "bin" / "python", "-c", "import six; print(six.__file__)"],
                           capture_output=True, text=True, check=True).stdout
    assert where.startswith(str(folder))
    assert not any(file.is_symlink() for file in (folder / "lib").rglob("six*"))


def test_list_show_remove_prune(nbreplay, project, tmp_path_factory, make_notebook):
    own = tmp_path_factory.mktemp("own")
    path = make_notebook("a", "import six", folder=project)

    def here(*arguments):
        return nbreplay("env", *arguments, "--cache-dir", own)

    assert here("create", path, "--as-of", AS_OF).code == 0
    store = checked(here("list", "--json"))["store"]
    assert len(store["environments"]) == 1 and store["packages"] == 1
    name = store["environments"][0]["hash"]
    assert name[:12] in here("list").out
    shown = checked(here("show", name[:8], "--json"))["environment"]
    assert shown["packages"] == [{"name": "six", "version": "1.16.0"}]
    assert "six  1.16.0" in here("show", name[:8]).out
    assert here("show", "ffff").code == 2
    assert here("remove", "ffff").code == 2
    removed = here("remove", name[:8], "--json")
    assert checked(removed)["removal"]["removed"] == [name]
    pruned = checked(here("prune", "--unused-for", "0", "--json"))
    assert pruned["removal"]["freed_bytes"] > 0
    store = checked(here("list", "--json"))["store"]
    assert (store["environments"], store["packages"]) == ([], 0)


def test_run_makes_an_environment_where_none_at_hand_serves(binary, store, project,
                                                           make_notebook, demo_environment):
    base = os.path.realpath(demo_environment / "bin" / "python")
    lacking = [name for name in ("toolz", "tabulate", "idna", "six")
               if subprocess.run([base, "-c", "import " + name], capture_output=True).returncode]
    if not lacking:
        pytest.skip("the interpreter at hand has all that this test could lack")
    path = make_notebook("a", "import %s as it" % lacking[0], "print(it.__file__)",
                         folder=project)
    variables = dict(os.environ, NBREPLAY_PYTHONS=base, VIRTUAL_ENV="", CONDA_PREFIX="")

    def run(*arguments):
        argv = [binary, "run", path, "--force", "--cache-dir", store, "--json", *arguments]
        done = subprocess.run(argv, env=variables, capture_output=True, text=True, timeout=300)
        return done.returncode, json.loads(done.stdout)["notebooks"][0]["environment"]

    code, environment = run("--no-infer")
    assert (code, environment["source"]) == (1, "NBREPLAY_PYTHONS")
    code, environment = run()
    assert (code, environment["source"]) == (0, "imports"), environment
    assert "made for what it imports" in environment["why"]
    code, environment = run("--offline", "--infer")
    assert (code, environment["source"]) == (0, "imports"), environment


@pytest.mark.parametrize("arguments, words", [
    (["infer"], "no NOTEBOOK is given"),
    (["create", "--requirements", "missing.txt"], "missing.txt"),
    (["create", "missing.ipynb"], "missing.ipynb"),
    (["create", "x.ipynb", "--as-of", "2023-02-30"], "is no date"),
    (["show", "no/such/folder"], "does not exist"),
    (["list", "--unknown"], "--unknown"),
])
def test_usage_errors_say_what_to_do(env, tmp_path, arguments, words):
    done = env(*arguments, cwd=tmp_path)
    assert done.code == 2, done
    assert words in done.err and done.out == "", done


def test_requirements_that_cannot_be_are_explained(env, project):
    file = project / "requirements.txt"
    file.write_text("six==1.16.0\nsix<1.16\n")
    done = env("create", "--requirements", file)
    assert done.code == 2, done
    assert "six" in done.err
    file.write_text("surely-nobody-named-it-so==1.0\n")
    done = env("create", "--requirements", file)
    assert done.code == 2 and "surely-nobody-named-it-so" in done.err, done


def test_offline_without_cache_says_so(nbreplay, project, tmp_path):
    (project / "requirements.txt").write_text("six==1.16.0\n")
    done = nbreplay("env", "create", "--requirements", project / "requirements.txt", "--offline",
                    "--cache-dir", tmp_path / "empty")
    assert done.code == 2, done
    assert "offline" in done.err, done


def test_unreachable_index_is_told_from_unknown_packages(binary, project, tmp_path, make_notebook,
                                                        demo_environment):
    base = os.path.realpath(demo_environment / "bin" / "python")
    path = make_notebook("a", "import surely_nobody_named_it_so", folder=project)
    variables = dict(os.environ, UV_DEFAULT_INDEX="http://127.0.0.1:9/simple",
                     NBREPLAY_PYTHONS=base, VIRTUAL_ENV="", CONDA_PREFIX="")
    run = {"env": variables, "capture_output": True, "text": True, "timeout": 300}
    created = subprocess.run([binary, "env", "create", path, "--cache-dir", tmp_path], **run)
    assert created.returncode == 2, created
    assert "the index could not be asked about surely_nobody_named_it_so" in created.stderr
    done = subprocess.run([binary, "run", path, "--cache-dir", tmp_path, "--json"], **run)
    environment = json.loads(done.stdout)["notebooks"][0]["environment"]
    assert environment["source"] == "NBREPLAY_PYTHONS"
    assert "none that has it was made: no package is known" in environment["why"]
    assert "could not be asked" in environment["why"]


def test_doctor_tells_of_the_store(nbreplay, store):
    document = nbreplay("doctor", "--json", "--cache-dir", store).json()["doctor"]
    assert document["packaging"]["available"] is True
    assert document["packaging"]["index"] is None
    document = nbreplay("doctor", "--json", "--index", "--cache-dir", store).json()["doctor"]
    assert document["packaging"]["index"] == {"reachable": True, "problem": ""}
