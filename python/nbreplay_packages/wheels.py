"""The store of unpacked wheels: each is unpacked and compiled once (layout.py tells how).

An entry is a prefix of its own, as uv installs into one: lib/python3.11/site-packages, bin, share.
Its `.nbreplay.json` says what it is.
"""
import os
import re
import time
from collections import namedtuple

from . import errors
from .errors import Trouble
from .names import normalised
from .layout import read_json, remove_tree, size_of

FACTS = ".nbreplay.json"
_AT_ONCE = 4
_PLAIN_VERSION = re.compile(r"(0|[1-9]\d{0,8})(\.(0|[1-9]\d{0,8}))*\Z", re.ASCII)
_LONGEST_COMPILE_S = 900


# A complete entry; `requires` are the PEP 508 strings of its metadata.
Wheel = namedtuple("Wheel", "name version folder requires")


class Wanted(namedtuple("Wanted", "name version hashes", defaults=((),))):
    """A release that is to be in the store; with `hashes`, only by these files."""

    @staticmethod
    def of(entry):
        if not isinstance(entry, dict):
            raise Trouble("usage", "a package must be an object with name and version")
        name = normalised(entry.get("name"))
        version = _normal_version(entry.get("version"))
        if version is None:
            raise Trouble("usage", "%r is no version of %s" % (entry.get("version"), name),
                          package=name)
        hashes = entry.get("hashes") or ()
        if not all(isinstance(text, str) and text.startswith("sha256:") for text in hashes):
            raise Trouble("usage", "the digests of %s are not of the form sha256:…" % name)
        return Wanted(name, version, tuple(text[len("sha256:"):] for text in hashes))


def _normal_version(text):
    """As PEP 440 writes it; nothing when it is none. Most are in that form already, and need no
    parser to be loaded."""
    if isinstance(text, str) and _PLAIN_VERSION.match(text):
        return text
    from packaging.version import InvalidVersion, Version
    try:
        return str(Version(text))
    except (InvalidVersion, TypeError):
        return None


class WheelStore:
    """Unpacked wheels for one interpreter. Usable from several threads."""

    def __init__(self, store, interpreter, index, offline, build):
        self._store = store
        self._interpreter = interpreter
        self._index = index  # a function: many requests need none
        self._offline = offline
        self._build = build
        self.unpacked = 0
        self.notes = []

    def _folder(self, *names):
        return self._store.folder("wheels", self._interpreter.abi, *names)

    def find(self, wanted):
        """The Wheel if it is there."""
        folder = self._folder(wanted.name)
        prefix = wanted.version + "-"
        try:
            names = sorted(name for name in os.listdir(folder)
                           if name.startswith(prefix) and not name.endswith(".part"))
        except OSError:
            return None
        if wanted.hashes:
            ends = {digest[:16] for digest in wanted.hashes}
            names = [name for name in names if name[len(prefix):] in ends]
        elif len(names) > 1:
            names = [name for name in names if name[len(prefix):] in self._listed(wanted)] or names
        for name in names:
            wheel = self._read(os.path.join(folder, name))
            if wheel:
                return wheel
        return None

    def get_all(self, wanted):
        """A Wheel for each, made where it is missing; the first Trouble ends it."""
        found = [self.find(one) for one in wanted]
        missing = [number for number, wheel in enumerate(found) if wheel is None]
        if not missing:
            return found
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            for number, wheel in zip(missing, threads.map(self._make, [wanted[n] for n in missing])):
                found[number] = wheel
        return found

    def get(self, wanted):
        return self.find(wanted) or self._make(wanted)

    def choose(self, wanted):
        """The File of the index to take for a release, or a Trouble that says why none will do."""
        from packaging.version import Version
        where = {"package": wanted.name, "version": wanted.version}
        page = self._index().page(wanted.name)
        files = page.files_of(Version(wanted.version))
        if not files:  # it may be newer than the list
            page = self._index().page(wanted.name, again=True)
            files = page.files_of(Version(wanted.version))
        if not files:
            raise Trouble("missing", "the index has no %s %s" % (wanted.name, wanted.version),
                          hint=_nearest(page, wanted), **where)
        if wanted.hashes:
            listed = [(file, tags) for file, tags in files if file.sha256 in wanted.hashes]
            if not listed:
                raise Trouble("broken", "the index has %s %s, but no file with a digest of the lock"
                              % (wanted.name, wanted.version), **where)
            files = listed
        usable = []
        for file, tags in files:
            if self._interpreter.runs(file.requires_python):
                rank = self._interpreter.rank(tags) if file.is_wheel else None
                if rank is not None:
                    usable.append((0, rank, file.name, file))
                elif not file.is_wheel:
                    usable.append((1, 0, file.name, file))
        if usable and (min(usable)[0] == 0 or self._build):
            return min(usable)[-1]
        raise Trouble("unbuildable", _why_unusable(wanted, files, self._interpreter, bool(usable)),
                      hint="--build allows building, which runs its code" if usable else "", **where)

    def _listed(self, wanted):
        try:
            return {self.choose(wanted).sha256[:16]}
        except Trouble:
            return set()

    def _make(self, wanted):
        file = self.choose(wanted)
        if not file.sha256:
            raise Trouble("broken", "the index gives no SHA-256 of %s" % file.name,
                          package=wanted.name, version=wanted.version)
        folder = self._folder(wanted.name, "%s-%s" % (wanted.version, file.sha256[:16]))
        try:
            with self._store.locked(folder) as lock:
                wheel = self._read(folder)
                if wheel is None:
                    wheel = self._unpack(wanted, file, folder, lock)
                    self.unpacked += 1
                return wheel
        except OSError as error:
            raise errors.of_system(error, self._store.root)

    def _unpack(self, wanted, file, folder, lock):
        from . import tools
        part = folder + ".part"
        remove_tree(part)
        remove_tree(folder)  # there, but unreadable: damaged
        os.makedirs(part)
        try:
            arguments = ["install", "--python", self._interpreter.executable, "--prefix", part,
                         "--no-deps", "--require-hashes", "--link-mode", "hardlink", "-r", "-"]
            if file.is_wheel:
                arguments += ["--only-binary", wanted.name]
            line = "%s==%s --hash=sha256:%s\n" % (wanted.name, wanted.version, file.sha256)
            said = tools.run(self._store, arguments, line, self._offline, (lock,))
            if said.failed:
                raise tools.trouble_with(said, self._store, wanted.name, wanted.version,
                                         self._offline)
            if os.path.exists(os.path.join(part, ".lock")):
                os.unlink(os.path.join(part, ".lock"))
            self._compile(part, lock)
            self._describe(wanted, file, part)
            os.rename(part, folder)
        except BaseException:
            remove_tree(part)
            raise
        return self._read(folder)

    def _compile(self, part, lock):
        """Unchecked: the files never change. Tests are left out: nobody imports them."""
        import subprocess
        site = os.path.join(part, self._interpreter.site_packages)
        jobs = str(os.cpu_count() or 1)
        try:
            subprocess.run([self._interpreter.executable, "-I", "-S", "-m", "compileall", "-q", "-q",
                            "-j", jobs, "--invalidation-mode", "unchecked-hash",
                            "-x", r"/tests/", site],
                           stdin=subprocess.DEVNULL, capture_output=True, pass_fds=(lock,),
                           timeout=_LONGEST_COMPILE_S)
        except subprocess.TimeoutExpired:
            self.notes.append("%s could not be compiled in time: importing it will be slow"
                              % os.path.basename(os.path.dirname(part)))

    def _describe(self, wanted, file, part):
        import json
        from . import metadata
        site = os.path.join(part, self._interpreter.site_packages)
        found = [one for one in metadata.distributions(site) if one.name == wanted.name]
        if not found:
            raise Trouble("broken", "the file of %s %s holds another package"
                          % (wanted.name, wanted.version), package=wanted.name,
                          version=wanted.version)
        facts = {"name": wanted.name, "version": wanted.version, "file": file.name,
                 "sha256": file.sha256, "requires": found[0].requires(),
                 "bytes": size_of(part), "made": time.time()}
        with open(os.path.join(part, FACTS), "w", encoding="utf-8") as out:
            json.dump(facts, out)

    @staticmethod
    def _read(folder):
        facts = read_json(os.path.join(folder, FACTS))
        if facts is None:
            return None
        return Wheel(facts["name"], facts["version"], folder, tuple(facts["requires"]))


def read_wheel(folder):
    return WheelStore._read(folder)


def _nearest(page, wanted):
    """Which releases there are, when one is not."""
    from packaging.version import Version
    versions = sorted(page.by_version())
    if not versions:
        return ""
    below = [version for version in versions if version < Version(wanted.version)][-2:]
    above = [version for version in versions if version > Version(wanted.version)][:2]
    return "the nearest are " + ", ".join(map(str, below + above))


def _why_unusable(wanted, files, interpreter, has_source):
    what = "%s %s" % (wanted.name, wanted.version)
    pythons = wheel_pythons(files)
    if has_source and not any(file.is_wheel for file, _ in files):
        return "%s exists only as source, and building was not allowed" % what
    if pythons:
        return "%s has wheels for Python %s, none for %s on this machine" % (
            what, ", ".join(pythons), interpreter.minor)
    return "%s has no file for Python %s on this machine" % (what, interpreter.minor)


def wheel_pythons(files):
    """["3.8", "3.9"]: which CPythons the wheels among (File, tags) are for."""
    import re
    minors = set()
    for _, tags in files:
        for tag in tags or ():
            match = re.match(r"cp(\d)(\d+)\Z", tag.interpreter)
            if match:
                minors.add((int(match[1]), int(match[2])))
    return ["%d.%d" % minor for minor in sorted(minors)]
