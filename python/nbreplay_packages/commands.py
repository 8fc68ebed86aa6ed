"""The commands of ../README.md."""
import os
import time

from . import composition as compositions
from . import environments, interpreter as interpreters
from .errors import Trouble, of_system
from .layout import Store
from .requirements import Requirements
from .wheels import Wanted, WheelStore


class Context:
    """What a request brings, and what serves it: made as it is needed."""

    def __init__(self, request):
        self.request = request
        self.store = Store(request["cache"])
        self.offline = bool(request.get("offline"))
        self.build = bool(request.get("build"))
        self.notes = []
        self._index = self._interpreter = self._wheels = self._requirements = None

    @property
    def interpreter(self):
        if self._interpreter is None:
            self._interpreter = interpreters.find(self.store, self.request.get("python"))
        return self._interpreter

    def index(self):
        if self._index is None:
            from .index import Index
            self._index = Index(self.store, self.offline)
        return self._index

    @property
    def wheels(self):
        if self._wheels is None:
            self._wheels = WheelStore(self.store, self.interpreter, self.index, self.offline,
                                      self.build)
            self._wheels.notes = self.notes
        return self._wheels

    @property
    def requirements(self):
        if self._requirements is None:
            self._requirements = Requirements(self.interpreter, self.store)
        return self._requirements

    def close(self):
        if self._requirements is not None:
            self._requirements.save()


def answer(command, request):
    """One object with `ok` or `error`."""
    try:
        if command not in _COMMANDS:
            raise Trouble("usage", "no such command: %r" % command)
        try:
            context = Context(request)
            if command in _ALONE:
                with context.store.alone():
                    return {"ok": _COMMANDS[command](context)}
            with context.store.in_use():
                found = _COMMANDS[command](context)
                context.close()
                return {"ok": found}
        except OSError as error:
            raise of_system(error, request["cache"])
    except Trouble as trouble:
        return {"error": trouble.as_json()}


def _releases(context):
    from . import releases
    return releases.listed(context.request.get("package"), context.interpreter, context.index())


def _resolve(context):
    from . import resolve
    return resolve.lock(context.request, context)


def _lock_of(context):
    lock = context.request.get("lock")
    if not isinstance(lock, dict) or not isinstance(lock.get("packages"), list):
        raise Trouble("usage", "lock is no lock")
    if lock.get("python") != context.interpreter.minor:
        raise Trouble("usage", "the lock is for Python %s, the interpreter is %s"
                      % (lock.get("python"), context.interpreter.minor))
    return lock


def _install(context):
    started = time.monotonic()
    lock = _lock_of(context)
    wanted = [Wanted.of(entry) for entry in lock["packages"]]
    composition = compositions.Composition()
    for wheel in context.wheels.get_all(wanted):
        composition.put(wheel)
    return _environment_answer(context, composition, started)


def _edit(context):
    from . import edits
    started = time.monotonic()
    edit = edits.Edit(context.request.get("edit"))
    composition, added, conflicts = edits.apply(context.request.get("base"), edit, context)
    return dict(_environment_answer(context, composition, started),
                added=_named(added), conflicts=conflicts)


def _with_interpreter(context):
    from . import edits
    started = time.monotonic()
    composition, added, conflicts, changed = edits.under_interpreter(
        context.request.get("base"), context)
    return dict(_environment_answer(context, composition, started),
                added=_named(added), conflicts=conflicts, changed=changed)


def _prefetch(context):
    from . import edits
    os.nice(5)  # trials come first
    ready, failed = 0, []
    _unpack_ahead(context)
    for number, given in enumerate(context.request.get("edits") or []):
        try:
            edits.apply(context.request.get("base"), edits.Edit(given), context)
            ready += 1
        except Trouble as trouble:
            failed.append({"edit": number, "error": trouble.as_json()})
    for number, python in enumerate(context.request.get("pythons") or []):
        other = Context(dict(context.request, python=python))
        try:
            edits.under_interpreter(context.request.get("base"), other)
            ready += 1
        except Trouble as trouble:
            failed.append({"python": number, "error": trouble.as_json()})
        other.close()
    return {"ready": ready, "failed": failed}


def _infer(context):
    from . import infer
    return infer.inferred(context.request, context)


def _distributions(context):
    from . import distributions
    imports = context.request.get("imports") or []
    known, unknown = distributions.of_imports(imports, context.request.get("site_packages") or [])
    return {"distributions": known, "unknown": unknown}


def _virtual_environment(context):
    from . import housekeeping
    started = time.monotonic()
    made = housekeeping.virtual_environment(_lock_of(context), context.request.get("folder"),
                                            context)
    return dict(made, seconds=round(time.monotonic() - started, 3))


def _environments(context):
    from . import housekeeping
    return housekeeping.listed(context.store)


def _remove(context):
    from . import housekeeping
    return housekeeping.remove(context.store, context.request.get("hash"))


def _prune(context):
    from . import housekeeping
    return housekeeping.prune(context.store, context.request.get("older_than_days", 30))


def _unpack_ahead(context):
    """What the edits set, several at a time; who fails is told when its edit is looked at."""
    from concurrent.futures import ThreadPoolExecutor
    from . import edits
    wanted = set()
    for given in context.request.get("edits") or []:
        try:
            wanted.update(edits.Edit(given).set)
        except Trouble:
            continue

    def get(one):
        try:
            context.wheels.get(one)
        except Trouble:
            pass

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(get, sorted(wanted)))


def _named(wheels):
    return [{"name": wheel.name, "version": wheel.version} for wheel in wheels]


def _environment_answer(context, composition, started):
    python = context.interpreter
    folder, name = environments.ready(context.store, python, composition)
    packages = composition.packages()
    return {
        "folder": folder,
        "python": {"executable": os.path.join(folder, "bin", "python"), "version": python.version,
                   "minor": python.minor, "libpython": python.libpython,
                   "base_prefix": python.base_prefix, "prefix": folder},
        "site_packages": [os.path.join(folder, python.site_packages)],
        "packages": [{"name": one, "version": packages[one][0]} for one in sorted(packages)],
        "hash": name,
        "unpacked": context.wheels.unpacked,
        "seconds": round(time.monotonic() - started, 3),
        "notes": context.notes,
    }


_COMMANDS = {
    "releases": _releases,
    "resolve": _resolve,
    "install": _install,
    "edit": _edit,
    "with_interpreter": _with_interpreter,
    "prefetch": _prefetch,
    "infer": _infer,
    "distributions": _distributions,
    "virtual_environment": _virtual_environment,
    "environments": _environments,
    "remove": _remove,
    "prune": _prune,
}
# These delete what others may be about to use.
_ALONE = {"remove", "prune"}
