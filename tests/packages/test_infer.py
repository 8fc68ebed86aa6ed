"""What a notebook needs, from what lies beside it, its %pip lines and its imports."""
import json
import os

import pytest

from conftest import pythons
from wheel_files import wheel


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "project" / "notebooks"
    path.mkdir(parents=True)
    return path


@pytest.fixture
def infer(helper, index, folder):
    """Infers for a notebook in `folder`, with no index unless a test fills it."""
    def ask(**fields):
        fields.setdefault("folder", str(folder))
        fields.setdefault("project_root", str(folder.parent))
        return helper.ok("infer", **fields)
    return ask


def test_imports_become_distributions(infer):
    answer = infer(imports=["numpy", "sklearn.linear_model", "cv2", "PIL", "os", "imp", "distutils",
                            "google.cloud.storage", "mpl_toolkits.mplot3d"])
    assert answer["requirements"] == ["google-cloud-storage", "matplotlib", "numpy",
                                      "opencv-python-headless", "pillow", "scikit-learn"]
    assert answer["source"] == "imports" and answer["unknown"] == []


def test_variant_that_was_asked_for_covers_the_import(infer, folder):
    (folder / "requirements.txt").write_text("TensorFlow_CPU==2.11.0\nopencv-python<5\n")
    answer = infer(imports=["tensorflow.keras", "cv2", "faiss"], pip_lines=["faiss-gpu"])
    assert answer["requirements"] == ["TensorFlow_CPU==2.11.0", "opencv-python<5", "faiss-gpu"]


def test_own_modules_are_no_distributions(infer, folder):
    (folder / "helpers.py").write_text("")
    (folder.parent / "library").mkdir()
    (folder.parent / "src" / "package").mkdir(parents=True)
    answer = infer(imports=["helpers", "library.part", "package", "numpy"])
    assert answer["requirements"] == ["numpy"] and answer["unknown"] == []


def test_unknown_names_are_only_taken_when_established(infer, index):
    for version in ("1.0", "1.1", "1.2"):
        index.add(*wheel("oldhand", version))
    index.add(*wheel("fresh", "1.0"))
    answer = infer(imports=["oldhand", "fresh", "nowhere"])
    assert answer["requirements"] == ["oldhand"]
    assert answer["unknown"] == ["fresh", "nowhere"]
    assert any("oldhand" in note for note in answer["notes"])


def test_installed_packages_answer_first(helper, shop):
    environment = helper.environment("shop")
    found = helper.ok("distributions", imports=["shop", "coins", "yaml", "nowhere"],
                      site_packages=environment["site_packages"])
    assert found == {"distributions": {"shop": "shop", "coins": "coins", "yaml": "pyyaml"},
                     "unknown": ["nowhere"]}


def test_pip_lines_are_requirements(infer):
    answer = infer(imports=["pandas"], pip_lines=[
        "-q 'pandas==1.5.3' seaborn>=0.11 --upgrade", "-i http://elsewhere numpy",
        "git+https://example.invalid/x.git", "."])
    assert answer["requirements"] == ["pandas==1.5.3", "seaborn>=0.11", "numpy"]
    assert answer["source"] == "pip lines" and len(answer["notes"]) == 2


def test_requirement_files_are_read_with_what_they_name(infer, folder):
    (folder / "requirements.txt").write_text(
        "# a comment\nnumpy==1.24.0  # why\n-r more/base.txt\n-c limits.txt\n"
        "pandas==1.5.3 \\\n  --hash=sha256:00\nold; python_version < '3'\n--pre\nx @ file:///etc\n")
    (folder / "more").mkdir()
    (folder / "more" / "base.txt").write_text("scipy>=1\n-r ../requirements.txt\n")
    (folder / "limits.txt").write_text("scipy<2\n")
    answer = infer(imports=["numpy", "sklearn"])
    assert answer["requirements"][:3] == ["numpy==1.24.0", "scipy>=1", "pandas==1.5.3"] or \
        answer["requirements"][0] == "numpy==1.24.0"
    assert set(answer["requirements"]) == {"numpy==1.24.0", "scipy>=1", "pandas==1.5.3",
                                           "old; python_version < '3'", "scikit-learn"}
    assert "scipy<2" in answer["constraints"] and answer["source"] == "requirements.txt"
    assert any("nest too deeply" in note for note in answer["notes"])
    assert any("scikit-learn" in note for note in answer["notes"])


def test_nearest_folder_comes_first(infer, folder):
    (folder.parent / "requirements.txt").write_text("numpy==1\n")
    assert infer()["requirements"] == ["numpy==1"]
    (folder / "requirements.txt").write_text("numpy==2\n")
    assert infer()["requirements"] == ["numpy==2"]
    assert infer(project_root=str(folder))["requirements"] == ["numpy==2"]


def test_nothing_above_the_project_is_read(infer, folder):
    (folder.parent.parent / "requirements.txt").write_text("numpy==1\n")
    assert infer()["requirements"] == []


def test_pip_line_wins_over_a_file(infer, folder):
    (folder / "requirements.txt").write_text("pandas==1.0\nnumpy==1.18\n")
    assert infer(pip_lines=["pandas==2.0"])["requirements"] == ["numpy==1.18", "pandas==2.0"]


def test_conda_environments(infer, folder):
    (folder / "environment.yml").write_text("""
dependencies:
  - python=3.8
  - conda-forge::numpy=1.19.2=py38h_0
  - pandas=1.1
  - pytorch>=1.7
  - libgcc-ng=9
  - somethingelse=2
  - pip:
    - seaborn==0.11.2
""")
    answer = infer(imports=["numpy"])
    assert set(answer["requirements"]) == {"numpy==1.19.2", "pandas==1.1.*", "torch>=1.7",
                                           "seaborn==0.11.2"}
    assert answer["constraints"] == ["somethingelse==2.*"]
    assert answer["requires_python"] == "==3.8.*"


def test_project_tables(infer, folder):
    (folder.parent / "pyproject.toml").write_text(
        '[project]\nname = "x"\nrequires-python = ">=3.9"\ndependencies = ["numpy>=1.20", "bad one"]\n')
    answer = infer()
    assert answer["requirements"] == ["numpy>=1.20"] and answer["requires_python"] == ">=3.9"


def test_locks_of_uv_pin_everything(infer, folder):
    (folder.parent / "uv.lock").write_text("""
version = 1
requires-python = ">=3.9"
[[package]]
name = "project"
version = "0.1"
source = { virtual = "." }
dependencies = [{ name = "pandas" }, { name = "win", marker = "sys_platform == 'win32'" }]
[[package]]
name = "pandas"
version = "1.5.3"
source = { registry = "http://index.invalid/simple" }
[[package]]
name = "numpy"
version = "1.24.0"
source = { registry = "http://index.invalid/simple" }
resolution-markers = ["python_full_version >= '3.2'"]
[[package]]
name = "numpy"
version = "1.0.0"
source = { registry = "http://index.invalid/simple" }
resolution-markers = ["python_full_version < '3.2'"]
[[package]]
name = "mine"
version = "1.0"
source = { git = "http://index.invalid/x" }
""")
    answer = infer()
    assert answer["requirements"] == ["pandas==1.5.3"]
    assert answer["constraints"] == ["numpy==1.24.0"] and answer["source"] == "uv.lock"


def test_standard_locks_pin_everything(infer, folder):
    (folder / "pylock.toml").write_text("""
lock-version = "1.0"
[[packages]]
name = "numpy"
version = "1.24.0"
[[packages]]
name = "win"
version = "1.0"
marker = "sys_platform == 'win32'"
""")
    assert infer()["requirements"] == ["numpy==1.24.0"]


def test_own_lock_is_all_that_is_needed(infer, folder, helper, shop):
    lock = helper.lock("shop")
    (folder / "nbreplay.lock.json").write_text(json.dumps(lock))
    answer = infer(imports=["numpy"])
    assert answer["lock"] == lock and answer["requirements"] == []
    assert helper.ok("install", lock=answer["lock"])["packages"]


def test_named_files_come_before_everything(infer, folder, tmp_path, helper):
    (folder / "requirements.txt").write_text("numpy==1\n")
    named = tmp_path / "named.txt"
    named.write_text("numpy==2\n")
    answer = infer(files=[str(named)])
    assert answer["requirements"] == ["numpy==2"] and answer["why"] == "named.txt was named"
    missing = helper.error("infer", folder=str(folder), files=[str(tmp_path / "gone.txt")])
    assert missing["kind"] == "usage" and "gone.txt" in missing["message"]


def test_date_is_that_of_the_notebook_or_of_a_newer_pin(infer, folder, shop):
    assert infer(notebook_date="2020-03-01T10:00")["as_of"] == "2020-03-01"
    assert infer(notebook_date="2020-03-01", as_of="2019-01-01")["as_of"] == "2019-01-01"
    (folder / "requirements.txt").write_text("shop==1.1\n")
    assert infer(notebook_date="2020-03-01")["as_of"] == "2020-06-10"
    assert infer()["as_of"] == ""


def test_files_outside_of_the_project_are_not_read(infer, folder, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret-word==1.0\nnot a requirement\n")
    (folder / "requirements.txt").write_text("numpy==1.0\n-r %s\n-r ../../secret.txt\n" % secret)
    (folder / "more.txt").symlink_to(secret)
    answer = infer(pip_lines=["-r %s" % secret, "-r more.txt"])
    assert answer["requirements"] == ["numpy==1.0"]
    assert len(answer["notes"]) == 4 and not any("not a requirement" in note for note in answer["notes"])
    (folder / "requirements.txt").unlink()
    (folder / "requirements.txt").symlink_to(secret)
    assert infer()["requirements"] == []


def test_files_that_never_end_are_not_opened(infer, folder):
    os.mkfifo(folder / "pipe.txt")
    (folder / "requirements.txt").write_text("numpy\n-r pipe.txt\n")
    assert infer()["requirements"] == ["numpy"]


@pytest.mark.parametrize("name, text", [
    ("requirements.txt", "\0\xff\n-r\n-r /dev/zero-not\n'\n"),
    ("environment.yml", "a: &a [*a, *a]\n"), ("environment.yml", "!!python/object/apply:os.system [x]\n"),
    ("environment.yml", "dependencies: 7\n"), ("pyproject.toml", "[project\n"),
    ("pyproject.toml", "[project]\ndependencies = 'numpy'\n"), ("uv.lock", "package = 7\n"),
    ("uv.lock", "[[package]]\nname = 7\nsource = 'x'\n"), ("pylock.toml", "packages = [7]\n"),
    ("nbreplay.lock.json", "[" * 100000), ("nbreplay.lock.json", "{\"packages\": 7}"),
])
def test_damaged_files_are_no_obstacle(infer, folder, name, text):
    (folder / name).write_text(text, encoding="latin-1")
    assert infer(imports=["numpy"])["requirements"] == ["numpy"]


def test_old_helper_pythons_know_the_standard_library_too(helper, folder):
    if "3.9" not in pythons():
        pytest.skip("no Python 3.9 is there")
    helper.command = lambda name, run=helper.command: [pythons()["3.9"]] + run(name)[1:]
    answer = helper.ok("infer", folder=str(folder), imports=["os", "json", "_socket", "math", "numpy"])
    assert answer["requirements"] == ["numpy"] and answer["unknown"] == []
