"""Listing and removing what the store holds."""
import os
import re
import time

from . import wheels
from .composition import FACTS
from .errors import Trouble, disk_full
from .layout import read_json, remove_tree, size_of

_HASH = re.compile(r"[0-9a-f]{32}\Z")


def listed(store):
    """The answer to `environments`."""
    found = []
    for name in _names(store.folder("environments")):
        folder = store.folder("environments", name)
        facts = read_json(os.path.join(folder, FACTS))
        if _HASH.match(name) and facts:
            found.append({"hash": name, "folder": folder, "python": facts["python"],
                          "packages": [{"name": one, "version": version}
                                       for one, version in facts["packages"]],
                          "bytes": size_of(folder), "made": _when(facts["made"]),
                          "used": _when(_used(folder))})
    count = size = 0
    for _, facts in _wheels(store):
        count += 1
        size += facts.get("bytes", 0) if facts else 0
    return {"environments": found, "wheels": {"count": count, "bytes": size}}


def remove(store, name):
    """The answer to `remove`."""
    if not isinstance(name, str) or not _HASH.match(name):
        raise Trouble("usage", "%r is no hash of an environment" % (name,))
    folder = store.folder("environments", name)
    if not os.path.isdir(folder):
        raise Trouble("usage", "there is no environment %s" % name, "", "nbreplay env list")
    size = size_of(folder)
    remove_tree(folder)
    return {"removed": [name], "bytes": size}


def prune(store, older_than_days):
    """The answer to `prune`: nobody else uses the store meanwhile."""
    if not isinstance(older_than_days, (int, float)) or older_than_days < 0:
        raise Trouble("usage", "older_than_days is no number of days")
    latest = time.time() - older_than_days * 86400
    removed, size, linked = [], 0, set()
    for name in _names(store.folder("environments")):
        folder = store.folder("environments", name)
        facts = read_json(os.path.join(folder, FACTS))
        if facts and not name.endswith(".part") and _used(folder) > latest:
            linked.update(facts["composition"]["wheels"])
            continue
        size += size_of(folder)
        remove_tree(folder)
        if _HASH.match(name):
            removed.append(name)
    for folder, facts in _wheels(store):
        if folder not in linked and (facts is None or facts.get("made", 0) <= latest):
            size += facts.get("bytes", 0) if facts else size_of(folder)
            remove_tree(folder)
    return {"removed": removed, "bytes": size}


def virtual_environment(lock, folder, context):
    """A real one, of files instead of links."""
    from . import tools
    if not isinstance(folder, str) or not os.path.isabs(folder):
        raise Trouble("usage", "folder is no absolute path")
    if os.path.exists(folder) and (not os.path.isdir(folder) or os.listdir(folder)):
        raise Trouble("usage", "%s is there already" % folder, "", "name a new folder")
    wanted = [wheels.Wanted.of(entry) for entry in lock["packages"]]
    said = tools.run(context.store, ["--python", context.interpreter.executable, folder],
                     command="venv")
    if said.failed:
        raise Trouble("environment", "%s could not be made" % folder, said.words)
    lines = ["%s==%s %s\n" % (one.name, one.version, " ".join(
        "--hash=sha256:" + digest for digest in one.hashes)) for one in wanted]
    arguments = ["install", "--python", os.path.join(folder, "bin", "python"), "--no-deps",
                 "--require-hashes", "--link-mode", "copy", "--compile-bytecode", "-r", "-"]
    if not context.build:
        arguments += ["--only-binary", ":all:"]
    if wanted:
        said = tools.run(context.store, arguments, "".join(lines), context.offline)
    if said.failed:
        remove_tree(folder)
        if any(pattern in said.words.lower() for pattern in tools.FULL):
            raise disk_full(folder, said.words)
        name = next((one for one in wanted if one.name in said.words.lower()), wanted[0])
        raise tools.trouble_with(said, context.store, name.name, name.version, context.offline)
    return {"folder": folder, "packages": [{"name": one.name, "version": one.version}
                                           for one in wanted]}


def _wheels(store):
    """(folder, facts or nothing) of every entry, half made ones too."""
    for abi in _names(store.folder("wheels")):
        for name in _names(store.folder("wheels", abi)):
            for entry in _names(store.folder("wheels", abi, name)):
                folder = store.folder("wheels", abi, name, entry)
                yield folder, None if entry.endswith(".part") else read_json(
                    os.path.join(folder, wheels.FACTS))


def _names(folder):
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _used(folder):
    try:
        return os.stat(os.path.join(folder, FACTS)).st_mtime
    except OSError:
        return 0


def _when(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
