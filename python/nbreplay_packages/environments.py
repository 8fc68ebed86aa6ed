"""Environments made of links into the store: ordinary virtual environments for everybody else.

    pyvenv.cfg, nbreplay-environment.json
    bin/python -> the interpreter, bin/<console scripts>
    lib/python3.11/site-packages/numpy -> the unpacked wheel's
    lib/python3.11/site-packages/_nbreplay.pth      names the folders that links lead to
    share/… -> data of wheels
"""
import json
import os
import time

from . import errors, scripts, wheels
from .composition import FACTS
from .layout import digest_of, read_json, remove_tree
from .links import Source, merge

PTH = "_nbreplay.pth"
# Part of every name: changes when the same composition is laid out in another way.
_LAYOUT = 1
_HANDLED = {"lib", "lib64", "bin", "pyvenv.cfg", wheels.FACTS, FACTS}


def ready(store, interpreter, composition):
    """The folder of the environment, made when it is not there, and its hash."""
    plan = composition.as_json()
    name = digest_of(interpreter.executable, interpreter.version, plan, _LAYOUT)[:32]
    folder = store.folder("environments", name)
    facts = os.path.join(folder, FACTS)
    try:
        os.utime(facts)
        return folder, name
    except OSError:
        pass
    try:
        with store.locked(folder):
            if read_json(facts) is None:
                _make(interpreter, composition, plan, folder)
    except OSError as error:
        raise errors.of_system(error, store.root)
    return folder, name


def _make(interpreter, composition, plan, folder):
    part = folder + ".part"
    remove_tree(part)
    remove_tree(folder)
    site = os.path.join(part, interpreter.site_packages)
    os.makedirs(site)
    try:
        unpacked = [composition.wheels[name] for name in sorted(composition.wheels)]
        _link_packages(interpreter, composition.base, unpacked, site)
        _link_data(composition.base, unpacked, part)
        scripts.make(interpreter, composition.base, [wheel.folder for wheel in unpacked], part, folder)
        with open(os.path.join(part, "pyvenv.cfg"), "w", encoding="utf-8") as file:
            file.write("home = %s\ninclude-system-site-packages = false\nversion = %s\n"
                       % (os.path.dirname(interpreter.executable), interpreter.version))
        linked = [wheel.folder for wheel in unpacked]
        if composition.base:
            linked += composition.base.sites
            if scripts.is_environment(composition.base.prefix):
                linked.append(composition.base.prefix)
        with open(os.path.join(site, PTH), "w", encoding="utf-8") as file:
            file.write("# What this folder links to:\n")
            file.writelines("# linked: %s\n" % path for path in linked if "\n" not in path)
        with open(os.path.join(part, FACTS), "w", encoding="utf-8") as file:
            json.dump({"python": interpreter.version, "executable": interpreter.executable,
                       "packages": sorted((name, version) for name, (version, _)
                                          in composition.packages().items()),
                       "composition": plan, "made": time.time()}, file)
        os.rename(part, folder)
    except BaseException:
        remove_tree(part)
        raise


def _link_packages(interpreter, base, unpacked, site):
    sources = []
    if base:
        for folder in reversed(base.sites):
            sources.append(Source(folder, _kept_of(base, folder)))
    for wheel in unpacked:
        for lib in _lib_folders(interpreter):
            sources.append(Source(os.path.join(wheel.folder, lib, "site-packages")))
    bases = tuple(os.path.join(folder, "") for folder in base.sites) if base else ()

    def special(entry, last):
        if entry == PTH:
            return True  # that name is ours
        if not entry.endswith(".pth") or os.sep in entry:
            return False
        _copy_pth(last, os.path.join(site, entry), trusted=last.startswith(bases or ("\0",)))
        return True

    merge(sources, site, special)


def _kept_of(base, site):
    """Which entries of a site-packages folder stay: `keeps` of links.Source."""
    here = {one.name: one for one in base.distributions().values() if one.site == site}
    gone = [here[name] for name in base.removed if name in here]
    if not gone:
        return lambda path: path != PTH
    files = {path for one in gone for path in one.files() if not path.startswith("..")}
    tops = {path.split(os.sep, 1)[0] for path in files}
    others = [one for name, one in here.items() if name not in base.removed]
    shared = {top for top in tops if top != "__pycache__" and os.path.isdir(os.path.join(site, top))
              and any(other.mentions(top) for other in others)}

    def keeps(path):
        top = path.split(os.sep, 1)[0]
        if top not in tops or top == "__pycache__":
            return path != PTH
        if top not in shared or path in files:
            return False
        return None if os.path.isdir(os.path.join(site, path)) else True

    return keeps


def _copy_pth(source, target, trusted):
    """A wheel's may run code, as everywhere, but not name folders outside of the environment:
    those become visible inside the sandbox."""
    try:
        with open(source, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read(1 << 20).splitlines()
    except OSError:
        return
    kept = []
    for line in lines:
        text = line.strip()
        is_path = bool(text) and not text.startswith("#") and not line.startswith(("import ", "import\t"))
        if is_path and trusted:
            leads_out = os.path.normpath(text).startswith("..")
            line = os.path.normpath(os.path.join(os.path.dirname(source), text)) if leads_out else line
        elif is_path and (os.path.isabs(text) or os.path.normpath(text).startswith("..")):
            continue
        elif not trusted and line.startswith("import site"):
            line = "import sys; " + line  # does the same, and is not taken for such a folder
        kept.append(line)
    with open(target, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.writelines(line + "\n" for line in kept)


def _link_data(base, unpacked, part):
    """Everything but packages and scripts: share, etc, libraries beside lib/python3.11."""
    folders = [wheel.folder for wheel in unpacked]
    if base and scripts.is_environment(base.prefix):
        folders.insert(0, base.prefix)
    merge([Source(folder, lambda path: path.split(os.sep, 1)[0] not in _HANDLED)
           for folder in folders], part)
    if base and not os.path.exists(os.path.join(base.prefix, "pyvenv.cfg")):
        folders = [wheel.folder for wheel in unpacked]  # conda's lib is a system's, found by rpath
    libs = [os.path.join(folder, lib) for lib in ("lib64", "lib") for folder in folders]
    merge([Source(lib, lambda path: not path.startswith("python"))
           for lib in libs if not os.path.islink(lib)], os.path.join(part, "lib"))


def _lib_folders(interpreter):
    return [interpreter.lib_folder, interpreter.lib_folder.replace("lib", "lib64", 1)]
