"""Reading what a project records about its packages.

Every reader returns a Recorded. The files are the notebook's author's: nothing in them is run, and
what makes no sense is a note, never an error.
"""
import json
import os
import re
import shlex
from dataclasses import dataclass, field

_LARGEST = 16 << 20
_DEEPEST = 5  # requirement files that name requirement files

# Where conda's name differs from the index's.
_CONDA_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib", "opencv": "opencv-python-headless",
                "py-opencv": "opencv-python-headless", "seaborn-base": "seaborn", "tables": "tables",
                "pytables": "tables", "python-graphviz": "graphviz", "msgpack-python": "msgpack",
                "faiss": "faiss-cpu", "py-xgboost": "xgboost", "dask-core": "dask"}
# Not packages of Python, or not of a notebook.
_CONDA_ONLY = re.compile(r"(python|pip|conda|_.*|lib.*|.*-dev|gcc.*|gxx.*|r-.*|blas|mkl.*|openblas|"
                         r"cudatoolkit|cudnn|openssl|zlib|xz|sqlite|readline|tk|ncurses|bzip2|"
                         r"ca-certificates|ld_impl.*|icu|zstd|qt.*|nodejs|git|pandoc|make|cmake)\Z")


@dataclass
class Recorded:
    requirements: list = field(default_factory=list)  # PEP 508
    constraints: list = field(default_factory=list)
    lock: dict = None
    requires_python: str = ""
    notes: list = field(default_factory=list)
    root: str = ""  # files that are named by other files lie below it


def read(path, interpreter, root=""):
    """The Recorded of any file that a person may name; nothing when its kind is unknown. With a
    `root`, it names no other file than those below."""
    name = os.path.basename(path)
    if name.endswith(".json"):
        return _lock_file(path)
    if name in ("environment.yml", "environment.yaml") or name.endswith((".yml", ".yaml")):
        return _conda(path)
    if name == "uv.lock":
        return _uv_lock(path, interpreter)
    if name.startswith("pylock.") and name.endswith(".toml"):
        return _pylock(path, interpreter)
    if name.endswith(".toml"):
        return _pyproject(path)
    if name.endswith((".txt", ".in", ".pip")):
        return _requirements_file(path, Recorded(root=root))
    return None


def beside(folder, project_root):
    """Files that record packages, from the notebook's folder up to the project's root, the most
    exact first."""
    wanted = ("nbreplay.lock.json", "pylock.toml", "uv.lock", "requirements.txt", "environment.yml",
              "environment.yaml", "pyproject.toml")
    found, at = [], os.path.abspath(folder)
    root = os.path.abspath(project_root or folder)
    while True:
        here = [os.path.join(at, name) for name in wanted]
        found += [path for path in here if os.path.isfile(path) and is_below(path, root)]
        if at == root or os.path.dirname(at) == at or not at.startswith(os.path.join(root, "")):
            return found
        at = os.path.dirname(at)


def is_below(path, root):
    """Whether a file lies in a folder, links followed: what a project's files lead to outside is
    not the project's to show."""
    return os.path.realpath(path).startswith(os.path.join(os.path.realpath(root), ""))


def requirement_line(line, folder, recorded, depth=0):
    """One line of a requirement file, or what follows `pip install`."""
    try:
        words = shlex.split(line, comments=False)
    except ValueError:
        words = line.split()
    if words and words[0] in ("-r", "--requirement", "-c", "--constraint") and len(words) > 1:
        path = os.path.join(folder, words[1])
        if recorded.root and not is_below(path, recorded.root):
            recorded.notes.append("left out, since it lies outside of the project: " + words[1][:200])
            return
        inner = _requirements_file(path, Recorded(root=recorded.root), depth + 1)
        recorded.notes += inner.notes
        if words[0] in ("-r", "--requirement"):
            recorded.requirements += inner.requirements
            recorded.constraints += inner.constraints
        else:
            recorded.constraints += inner.requirements
        return
    if line.startswith("-"):
        return
    text = re.sub(r"\s--hash[=\s]\S+", "", line)
    text = re.sub(r"\s#.*", "", text).strip()
    if not text:
        return
    if _is_requirement(text):
        recorded.requirements.append(text)
    else:
        recorded.notes.append("left out, since it names no release of the index: " + text[:200])


def pip_words(line, folder, recorded):
    """What a `%pip install` line asks for: several requirements, options among them."""
    try:
        words = shlex.split(line)
    except ValueError:
        words = line.split()
    skip = False
    for number, word in enumerate(words):
        if skip:
            skip = False
        elif word in ("-r", "--requirement", "-c", "--constraint"):
            skip = True
            if number + 1 < len(words):
                requirement_line("%s %s" % (word, shlex.quote(words[number + 1])), folder, recorded)
        elif word in ("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-t", "--target"):
            skip = True
        elif not word.startswith("-"):
            requirement_line(word, folder, recorded)


def _is_requirement(text):
    from packaging.requirements import InvalidRequirement, Requirement
    try:
        return Requirement(text).url is None
    except InvalidRequirement:
        return False


def _text(path):
    with open(path, encoding="utf-8-sig", errors="replace") as file:
        return file.read(_LARGEST)


def _requirements_file(path, recorded, depth=0):
    try:
        if not os.path.isfile(path):
            raise FileNotFoundError(2, "no such file")
        text = _text(path)
    except OSError as error:
        recorded.notes.append("%s cannot be read: %s" % (path, error.strerror))
        return recorded
    if depth > _DEEPEST:
        recorded.notes.append("%s: requirement files nest too deeply" % path)
        return recorded
    for line in text.replace("\\\n", " ").splitlines():
        line = line.strip()
        if line and not line.startswith("#"):
            requirement_line(line, os.path.dirname(path), recorded, depth)
    return recorded


def _lock_file(path):
    recorded = Recorded()
    try:
        found = json.loads(_text(path))
        if isinstance(found["packages"], list) and isinstance(found["python"], str):
            recorded.lock = {key: found[key] for key in ("python", "packages", "hash") if key in found}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        recorded.notes.append("%s is no lock" % path)
    return recorded


def _toml(path, recorded):
    try:
        import tomllib
    except ImportError:
        import tomli as tomllib
    try:
        return tomllib.loads(_text(path))
    except (OSError, ValueError, RecursionError) as error:
        recorded.notes.append("%s cannot be read: %s" % (path, error))
        return {}


def _pyproject(path):
    recorded = Recorded()
    project = _toml(path, recorded).get("project")
    if isinstance(project, dict):
        _add(recorded, project.get("dependencies"))
        if isinstance(project.get("requires-python"), str):
            recorded.requires_python = project["requires-python"]
    return recorded


def _add(recorded, texts):
    for text in texts if isinstance(texts, list) else []:
        if isinstance(text, str):
            requirement_line(text, "", recorded)


def _uv_lock(path, interpreter):
    """Its releases as constraints, what the project itself asks for as requirements."""
    recorded = Recorded()
    data = _toml(path, recorded)
    if isinstance(data.get("requires-python"), str):
        recorded.requires_python = data["requires-python"]
    pins, roots = {}, []
    for package in _tables(data.get("package")):
        source, name = package.get("source"), package.get("name")
        if not isinstance(source, dict) or not isinstance(name, str):
            continue
        if source.get("virtual") == "." or source.get("editable") == ".":
            roots = [one["name"] for one in _tables(package.get("dependencies"))
                     if isinstance(one.get("name"), str) and _marker_holds(one.get("marker"), interpreter)]
        elif "registry" in source and isinstance(package.get("version"), str):
            markers = package.get("resolution-markers")
            if not markers or any(_marker_holds(one, interpreter) for one in markers):
                pins[name] = package["version"]
    _add_pins(recorded, pins, roots or list(pins))
    return recorded


def _pylock(path, interpreter):
    recorded = Recorded()
    data = _toml(path, recorded)
    pins = {}
    for package in _tables(data.get("packages")):
        name, version = package.get("name"), package.get("version")
        if isinstance(name, str) and isinstance(version, str) and \
                _marker_holds(package.get("marker"), interpreter):
            pins[name] = version
    if isinstance(data.get("requires-python"), str):
        recorded.requires_python = data["requires-python"]
    _add_pins(recorded, pins, list(pins))
    return recorded


def _add_pins(recorded, pins, wanted):
    for name in sorted(wanted):
        requirement_line("%s==%s" % (name, pins[name]) if name in pins else name, "", recorded)
    rest = Recorded()
    for name in sorted(set(pins) - set(wanted)):
        requirement_line("%s==%s" % (name, pins[name]), "", rest)
    recorded.constraints += rest.requirements


def _tables(value):
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _marker_holds(text, interpreter):
    from packaging.markers import InvalidMarker, Marker, UndefinedEnvironmentName
    if not text:
        return True
    try:
        return Marker(text).evaluate({**interpreter.markers, "extra": ""})
    except (InvalidMarker, UndefinedEnvironmentName, TypeError):
        return False


def _conda(path):
    import yaml
    from .distributions import table
    recorded, known = Recorded(), frozenset(table().values())
    try:
        data = yaml.safe_load(_text(path))
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        recorded.notes.append("%s cannot be read: %s" % (path, str(error)[:200]))
        return recorded
    entries = data.get("dependencies") if isinstance(data, dict) else None
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict):
            _add(recorded, entry.get("pip"))
        elif isinstance(entry, str):
            _conda_entry(entry, recorded, known)
    return recorded


def _conda_entry(entry, recorded, known):
    """"numpy=1.19.2=py38_0", "conda-forge::pandas>=1.0"."""
    match = re.match(r"(?:[\w.-]+::)?([\w.-]+)\s*(.*)\Z", entry.strip())
    if not match:
        return
    name, rest = match[1].lower(), match[2].strip()
    exact = re.match(r"(==?)([\w.]+)(=.*)?\Z", rest)
    if exact:
        whole = exact[1] == "==" or exact[3]
        rest = "==%s" % exact[2] if whole else "==%s.*" % exact[2].rstrip(".")
    elif re.match(r"[\d.]+\Z", rest):
        rest = "==%s.*" % rest
    if name == "python":
        recorded.requires_python = rest if "." in rest[2:5] else ""
    elif not _CONDA_ONLY.match(name):
        name = _CONDA_NAMES.get(name, name)
        text = name + rest.split("|")[0].replace(" ", "")
        if _is_requirement(text):
            # Conda has much that the index has not: the rest only restricts what others ask for.
            (recorded.requirements if name in known else recorded.constraints).append(text)
