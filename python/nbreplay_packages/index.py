"""What the index knows of a package: its files, with a cache on disk.

Pages come by the simple API, in JSON (PEP 691) or HTML (PEP 503). A page that is an hour old is
asked for again; where that fails the old one serves. Everything on a page is hostile: names and
versions are parsed by `packaging`, the rest is kept as plain text.
"""
import os
import re
import time
from dataclasses import dataclass

from . import errors, tools
from .errors import Trouble
from .layout import digest_of, read_json, write_json

_FRESH_S = 3600
_LARGEST_PAGE = 64 << 20
_WHOLE_PAGE_S = 60
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True)
class File:
    name: str
    sha256: str  # empty where the index gives none
    uploaded: str  # "2023-04-03T10:20:30Z", or empty
    requires_python: str
    yanked: bool

    @property
    def is_wheel(self):
        return self.name.endswith(".whl")


@dataclass
class Page:
    """The files of one package."""
    package: str
    files: list
    fetched: float
    notes: list

    @property
    def dated(self):
        return any(file.uploaded for file in self.files)

    def by_version(self, only=None):
        """{Version: [(File, wheel tags or nothing)]}, of `only` one version when it is given.
        Files with names that say nothing are left out."""
        from packaging.utils import (InvalidSdistFilename, InvalidWheelFilename,
                                     parse_sdist_filename, parse_wheel_filename)
        from packaging.version import InvalidVersion, Version
        versions = {}  # most files of a release name it in the same way

        def is_wanted(file):
            text = file.name.split("-")[1] if file.is_wheel and file.name.count("-") > 1 else ""
            if not text:
                return True
            if text not in versions:
                try:
                    versions[text] = Version(text) == only
                except InvalidVersion:
                    versions[text] = False
            return versions[text]

        found = {}
        for file in self.files:
            if only is not None and not is_wanted(file):
                continue
            try:
                if file.is_wheel:
                    name, version, _, tags = parse_wheel_filename(file.name)
                else:
                    name, version = parse_sdist_filename(file.name)
                    tags = None
            except (InvalidSdistFilename, InvalidWheelFilename, InvalidVersion):
                continue
            if name == self.package and (only is None or version == only):
                found.setdefault(version, []).append((file, tags))
        return found

    def files_of(self, version):
        """The (File, tags) of a Version."""
        return self.by_version(version).get(version, [])


class Index:
    """Reads pages. Usable from several threads."""

    def __init__(self, store, offline):
        self._store = store
        self._offline = offline
        self._urls, self._links = tools.indexes(store)
        self._asked = set()  # files of pages that came just now
        self._down = {}  # index URL -> why: asked once, not for every package

    def page(self, package, again=False):
        """The Page of a normalised name; with `again`, one that is newer than the cached one, where
        that can be had. Trouble: "usage" when no index knows it, "unreachable"."""
        local = self._linked_files(package)
        failures = []
        for url in self._urls:
            page, why = self._page_of(url, package, again)
            if why:
                failures.append(why)
            if page:
                page.files += local
                return page
        if local:
            return Page(package, local, time.time(), [])
        if failures or self._offline:
            raise errors.unreachable("the releases of " + package, "; ".join(failures),
                                     self._offline, package=package)
        raise Trouble("usage", "the index knows no package %s" % package,
                      package=package, hint="is the name of the distribution another one?")

    def _page_of(self, url, package, again):
        path = self._store.folder("index", digest_of(url, package)[:32] + ".json")
        kept = read_json(path) or {}
        if kept.get("package") != package:
            kept = {}
        age = time.time() - kept.get("fetched", 0)
        is_fresh = 0 <= age < _FRESH_S and (not again or path in self._asked)
        if kept and (self._offline or is_fresh):
            return _page(kept), ""
        if self._offline:
            return None, ""
        why = self._down.get(url)
        if not why:
            from . import simple_api
            try:
                fresh = simple_api.fetch(url, package, kept, _LARGEST_PAGE, _WHOLE_PAGE_S)
                if fresh is None:
                    return None, ""
                fresh.update(package=package, fetched=time.time())
                write_json(path, fresh)
                self._asked.add(path)
                return _page(fresh), ""
            except simple_api.NoAnswer as error:
                why = str(error)
                if error.whole_index:
                    self._down[url] = why
        if not kept:
            return None, why
        page = _page(kept)
        page.notes.append("the index did not answer; its list of %s is from %s"
                          % (package, time.strftime("%Y-%m-%d", time.gmtime(page.fetched))))
        return page, ""

    def _linked_files(self, package):
        files = []
        for link in self._links:
            folder = link[len("file://"):] if link.startswith("file://") else link
            if not os.path.isdir(folder):
                continue
            for name in sorted(os.listdir(folder)):
                stem = re.sub(r"[-_.]+", "-", name).lower()
                if stem.startswith(package + "-") and name.endswith((".whl", ".tar.gz", ".zip")):
                    files.append(File(name, _digest(os.path.join(folder, name)), "", "", False))
        return files


def _page(kept):
    files = [File(*entry) for entry in kept["files"]]
    return Page(kept["package"], files, kept["fetched"], [])


def _digest(path):
    import hashlib
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def plain_entry(name, sha256, uploaded, requires_python, yanked):
    """What a page says of a file, as kept; nothing when it makes no sense."""
    if not isinstance(name, str) or "/" in name or len(name) > 400:
        return None
    if not isinstance(sha256, str) or not _SHA256.match(sha256.lower()):
        sha256 = ""
    if not isinstance(uploaded, str) or not re.match(r"\d{4}-\d\d-\d\dT", uploaded):
        uploaded = ""
    if not isinstance(requires_python, str):
        requires_python = ""
    return [name, sha256.lower(), uploaded[:40], requires_python[:200],
            bool(yanked) or yanked == ""]
