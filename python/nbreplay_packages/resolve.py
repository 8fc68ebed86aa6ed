"""Resolving requirements to a lock, with uv."""
import datetime
import hashlib
import json
import re

from . import errors, tools
from .errors import Trouble
from .names import normalised
from .wheels import wheel_pythons

_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;\\]+)")
_HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")


def lock(request, context):
    """The answer to `resolve`."""
    wanted = [_requirement(text) for text in _texts(request, "requirements")]
    notes, constraints = context.notes, _texts(request, "constraints")
    as_of = request.get("as_of") or ""
    arguments = ["compile", "-", "--python", context.interpreter.executable, "--generate-hashes",
                 "--no-annotate", "--no-header", "--no-strip-extras"]
    if not context.build:
        arguments.append("--no-build")
    if as_of:
        end = _end_of_day(as_of)
        if _is_dated(wanted, context):
            arguments += ["--exclude-newer", end]
        else:
            from . import dated
            constraints = constraints + dated.constraints(as_of, wanted)
            notes.append("the index gives no upload dates: versions of %s come from the shipped "
                         "table where it knows the package" % as_of)
    with _written(context.store, constraints) as constraint_file, \
            _written(context.store, _texts(request, "overrides")) as override_file:
        if constraint_file:
            arguments += ["--constraint", constraint_file]
        if override_file:
            arguments += ["--override", override_file]
        said = tools.run(context.store, arguments, "\n".join(map(str, wanted)) + "\n",
                         context.offline)
    if said.failed:
        raise _why(said, wanted, as_of, context)
    return {"lock": made(context.interpreter.minor, _pins(said.output)), "notes": notes}


def made(minor, packages):
    """A lock of [(name, version, hashes)]."""
    packages = sorted(packages)
    text = json.dumps({"packages": packages, "python": minor}, separators=(",", ":"))
    return {"python": minor, "hash": hashlib.sha256(text.encode()).hexdigest(),
            "packages": [{"name": name, "version": version, "hashes": hashes}
                         for name, version, hashes in packages]}


def _pins(text):
    packages = []
    for block in text.replace("\\\n", " ").splitlines():
        match = _PIN.match(block.strip())
        if match:
            packages.append([normalised(match[1]), match[2], sorted(set(_HASH.findall(block)))])
    return packages


def _texts(request, key):
    found = request.get(key) or []
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise Trouble("usage", key + " is no list of requirements")
    return found


def _requirement(text):
    """Parsed, so that nothing but a requirement reaches uv: no option, no second line."""
    from packaging.requirements import InvalidRequirement, Requirement
    try:
        return Requirement(text.strip())
    except InvalidRequirement as error:
        raise Trouble("usage", "%r is no requirement" % text, str(error))


def _end_of_day(text):
    try:
        if not _DATE.match(text):
            raise ValueError("not of the form 2023-06-01")
        day = datetime.date.fromisoformat(text) + datetime.timedelta(days=1)
    except ValueError as error:
        raise Trouble("usage", "%r is no date" % text, str(error))
    return day.isoformat() + "T00:00:00Z"


def _is_dated(wanted, context):
    """Whether the index says when files were uploaded; asked of the first package it knows."""
    for requirement in wanted:
        try:
            page = context.index().page(normalised(requirement.name))
        except Trouble as trouble:
            if trouble.kind == "usage":
                continue
            return True  # uv will say what is wrong
        if page.files:
            return page.dated
    return True


class _written:
    """A file of requirements, or nothing when there are none."""

    def __init__(self, store, texts):
        self._texts = [str(_requirement(text)) for text in texts]
        self._store = store
        self._file = None

    def __enter__(self):
        import tempfile
        if not self._texts:
            return None
        try:
            self._file = tempfile.NamedTemporaryFile("w", suffix=".txt", dir=self._store.root)
            self._file.write("\n".join(self._texts) + "\n")
            self._file.flush()
        except OSError as error:
            raise errors.of_system(error, self._store.root)
        return self._file.name

    def __exit__(self, *_):
        if self._file:
            self._file.close()


def _why(said, wanted, as_of, context):
    """What a person must know of a resolution that failed: which package, which constraint, which
    Python has wheels."""
    words = said.words.lower()
    if any(pattern in words for pattern in tools.FULL):
        return errors.disk_full(context.store.root, said.words)
    for requirement in wanted:
        found = _trouble_of(requirement, as_of, said, context)
        if found:
            return found
    found = _source_below(said, context)
    if found:
        return found
    if any(pattern in words for pattern in tools.UNREACHABLE):
        return errors.unreachable("these requirements", said.words, context.offline)
    return Trouble("usage", "these requirements exclude each other: " + _gist(said.words),
                   said.words, "loosen one of them")


def _trouble_of(requirement, as_of, said, context):
    """Why this requirement alone cannot be met, or nothing."""
    name = normalised(requirement.name)
    try:
        page = context.index().page(name)
    except Trouble as trouble:
        return trouble if trouble.kind in ("usage", "unreachable") else None
    minor = context.interpreter.minor
    if context.requirements.usable_versions(page, [requirement]) and not as_of:
        return None
    matching = {version: files for version, files in page.by_version().items()
                if requirement.specifier.contains(version, prereleases=True)}
    if not matching:
        newest = max(page.by_version(), default=None)
        return Trouble("usage", "%s has no release that satisfies %s; the newest is %s"
                       % (name, requirement.specifier, newest), said.words, package=name)
    if as_of:
        in_time = {version: files for version, files in matching.items()
                   if any(file.uploaded and file.uploaded[:10] <= as_of for file, _ in files)}
        if page.dated and not in_time:
            return Trouble("usage", "%s has no release that satisfies %s and is as old as %s"
                           % (name, requirement.specifier or "the rest", as_of), said.words,
                           package=name)
        matching = in_time or matching
    usable = [version for version, files in matching.items()
              if any(file.is_wheel and context.interpreter.rank(tags) is not None
                     and context.interpreter.runs(file.requires_python) for file, tags in files)]
    if usable or context.build:
        return None
    version = max(matching)
    pythons = wheel_pythons([one for files in matching.values() for one in files])
    if pythons:
        message = "%s has wheels for Python %s, none for %s" % (
            requirement, ", ".join(pythons), minor)
        hint = "choose one of these: --python %s" % pythons[-1]
    else:
        message = "%s %s exists only as source for Python %s" % (name, version, minor)
        hint = "--build allows building, which runs its code"
    return Trouble("unbuildable", message, said.words, hint, package=name, version=str(version))


def _source_below(said, context):
    """When a package that others need has no wheel: which one, and who needs it."""
    if context.build:
        return None
    match = re.search(r"Because ([a-z0-9-]+)(\S*) has no usable wheels and (?:all (?:of: |versions of ))?([a-z0-9-]+)",
                      " ".join(said.words.split()))
    if not match or match[3] in ("you", "only"):
        return None
    return Trouble("unbuildable", "%s%s, which %s needs, has no wheel for Python %s" % (
        match[1], match[2], match[3], context.interpreter.minor), said.words,
        "--build allows building, which runs its code", package=match[1])


def _gist(words):
    """The last "Because …" of uv's derivation, in one line."""
    text = " ".join(words.split())
    match = re.search(r"(Because .*?)(?: And because | hint: |$)", text)
    return (match[1] if match else text)[:300]
