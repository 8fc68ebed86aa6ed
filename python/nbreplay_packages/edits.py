"""Environments that differ from another in a few packages, with everything else held still."""
from . import composition as compositions
from .errors import Trouble
from .names import normalised
from .wheels import Wanted

# What a release needs is taken as it was when the release was young: newer ones may fail for
# reasons of their own.
_YOUNG_DAYS = 30
_MOST_ADDED = 200


class Edit:
    """A request's `edit`."""

    def __init__(self, given):
        if not isinstance(given, dict):
            raise Trouble("usage", "edit is no object with set and removed")
        self.set = [Wanted.of(entry) for entry in given.get("set") or []]
        self.removed = [normalised(name) for name in given.get("removed") or []]
        self.renew = given.get("renew") is True


def apply(base, edit, store):
    """(Composition, added packages, conflicts) of a request's base and an Edit. Fetches what the
    WheelStore `store.wheels` lacks."""
    composition = compositions.of_environment(base)
    for name in edit.removed:
        composition.remove(name)
    wheels = store.wheels.get_all(edit.set)
    for wheel in wheels:
        composition.put(wheel)
    if edit.renew:
        remove_younger(composition, wheels, store)
    added = add_missing(composition, wheels, store, skipped=set(edit.removed))
    touched = {wheel.name for wheel in wheels} | set(edit.removed) | {one.name for one in added}
    return composition, added, store.requirements.conflicts(composition, touched)


def remove_younger(composition, wheels, store):
    """Removes what these wheels need and what is there in a release that does not satisfy them, or
    that is younger than they are: what was compiled later may not fit, whatever requirements say."""
    packages = composition.packages()
    kept = {wheel.name for wheel in wheels}
    for wheel in wheels:
        for needed in store.requirements.active(wheel.requires):
            if needed.name in kept or needed.name not in packages:
                continue
            version = packages[needed.name][0]
            latest = _latest_date(wheel, store)
            if (not store.requirements.is_satisfied(needed, version) or
                    latest and _first_date(needed.name, version, store) > latest):
                composition.remove(needed.name)
                kept.add(needed.name)


def add_missing(composition, wheels, store, skipped=frozenset()):
    """Puts into the composition what these wheels need and it lacks; the newest releases that
    satisfy all who were seen to need them. What cannot be had is left out: whether the notebook
    misses it is for a trial to find out."""
    present = set(composition.packages()) | skipped
    added, waiting, wanted_by = [], list(wheels), {}
    while waiting and len(added) < _MOST_ADDED:
        wheel = waiting.pop(0)
        for requirement in store.requirements.active(wheel.requires):
            name = requirement.name
            if name in present:
                continue
            wanted_by.setdefault(name, []).append(requirement)
            try:
                version = _choose(wanted_by[name], wheel, store)
                found = store.wheels.get(Wanted(name, version)) if version else None
            except Trouble as trouble:
                if trouble.kind in ("environment", "unreachable"):
                    raise
                found = None
                store.notes.append(trouble.message)
            present.add(name)
            if found:
                composition.put(found)
                added.append(found)
                waiting.append(found)
            else:
                store.notes.append("%s %s needs %s%s, and no release of it will do"
                                   % (wheel.name, wheel.version, *requirement))
    return added


def _choose(requirements, wheel, store):
    """The newest version for all these requirements, of the age of `wheel` where dates are known."""
    page = store.index().page(requirements[0].name)
    usable = store.requirements.usable_versions(page, requirements)
    latest = _latest_date(wheel, store)
    young = [version for version, uploaded in usable if not latest or uploaded and uploaded <= latest]
    if usable and not young:
        store.notes.append("%s is newer than %s %s, which needs it"
                           % (requirements[0].name, wheel.name, wheel.version))
    return str(max(young)) if young else str(min(usable)[0]) if usable else None


def _latest_date(wheel, store):
    import datetime
    first = _first_date(wheel.name, wheel.version, store)
    if not first:
        return ""
    day = datetime.date.fromisoformat(first[:10]) + datetime.timedelta(days=_YOUNG_DAYS)
    return day.isoformat() + "T24"


def _first_date(name, version, store):
    """When the first file of a release was uploaded; empty where that is not known."""
    from packaging.version import InvalidVersion, Version
    try:
        files = store.index().page(name).files_of(Version(version))
    except (Trouble, InvalidVersion):
        return ""
    return min((file.uploaded for file, _ in files if file.uploaded), default="")


def under_interpreter(base, store):
    """(Composition, added, conflicts, changed) of a base's packages for another interpreter."""
    from concurrent.futures import ThreadPoolExecutor
    old = {name: version for name, (version, _)
           in compositions.of_environment(base).packages().items()}
    composition = compositions.Composition()
    changed, wheels = [], []

    def find(name):
        try:
            wanted = Wanted.of({"name": name, "version": old[name]})
            try:
                return store.wheels.get(wanted)
            except Trouble as trouble:
                if trouble.kind not in ("missing", "unbuildable"):
                    raise
            nearest = _nearest_usable(wanted, store)
            return store.wheels.get(nearest) if nearest else None
        except Trouble as trouble:
            if trouble.kind in ("environment", "unreachable"):
                raise
            return None

    with ThreadPoolExecutor(4) as threads:
        names = sorted(old)
        for name, wheel in zip(names, threads.map(find, names)):
            if wheel:
                composition.put(wheel)
                wheels.append(wheel)
            if wheel is None or wheel.version != str(old[name]):
                changed.append({"name": name, "from": old[name],
                                "to": wheel.version if wheel else ""})
    added = add_missing(composition, wheels, store)
    conflicts = store.requirements.conflicts(composition, set(composition.wheels))
    return composition, added, conflicts, changed


def _nearest_usable(wanted, store):
    """The next newer release with a wheel for the interpreter; without one, the next older."""
    from packaging.version import Version
    page = store.index().page(wanted.name)
    versions = [version for version, _ in store.requirements.usable_versions(page, [])]
    newer = [version for version in versions if version > Version(wanted.version)]
    older = [version for version in versions if version < Version(wanted.version)]
    nearest = min(newer) if newer else max(older) if older else None
    return Wanted(wanted.name, str(nearest)) if nearest is not None else None
