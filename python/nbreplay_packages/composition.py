"""What an environment is made of: folders of another environment, and unpacked wheels.

A composition is plain data, and its digest names the environment. Editing an environment of ours
edits its composition; any other environment is one part that stays where it is.
"""
import os
from collections import namedtuple

from . import metadata
from .errors import Trouble
from .layout import digest_of, read_json
from .wheels import read_wheel

FACTS = "nbreplay-environment.json"


class Base(namedtuple("Base", "prefix sites removed", defaults=((),))):
    """Another environment, less the packages named in `removed`. Of its site-packages folders
    `sites` the first one comes first on sys.path."""

    def distributions(self):
        found = {}
        for site in reversed(self.sites):
            for one in metadata.distributions(site):
                found[one.name] = one
        return found

    def stamp(self):
        """Changes when a package is installed, removed or replaced."""
        stamps = []
        for site in self.sites:
            try:
                entries = sorted(entry for entry in os.listdir(site) if entry != "__pycache__")
            except OSError:
                continue
            for entry in entries:
                time_of = 0
                if entry.endswith((".dist-info", ".egg-info", ".pth")):
                    time_of = os.stat(os.path.join(site, entry)).st_mtime_ns
                stamps.append([entry, time_of])
        return stamps


class Composition:
    def __init__(self, base=None):
        self.base = base
        self.wheels = {}  # name -> Wheel

    def packages(self):
        """{name: (version, requirements())} of all that is in it."""
        found = {}
        if self.base:
            for name, one in self.base.distributions().items():
                if name not in self.base.removed:
                    found[name] = (one.version, one.requires)
        for name, wheel in self.wheels.items():
            found[name] = (wheel.version, lambda wheel=wheel: wheel.requires)
        return found

    def remove(self, name):
        self.wheels.pop(name, None)
        if self.base and name not in self.base.removed:
            self.base = Base(self.base.prefix, self.base.sites,
                             tuple(sorted(self.base.removed + (name,))))

    def put(self, wheel):
        self.remove(wheel.name)
        self.wheels[wheel.name] = wheel

    def as_json(self):
        return {"base": None if self.base is None else
                {"prefix": self.base.prefix, "sites": list(self.base.sites),
                 "removed": list(self.base.removed), "stamp": digest_of(self.base.stamp())},
                "wheels": [self.wheels[name].folder for name in sorted(self.wheels)]}


def of_environment(base):
    """The Composition of a request's `base`."""
    if not isinstance(base, dict) or not isinstance(base.get("prefix"), str):
        raise Trouble("usage", "base is no object with prefix and site_packages")
    sites = base.get("site_packages")
    if not isinstance(sites, list) or not all(isinstance(site, str) and os.path.isabs(site)
                                              for site in sites):
        raise Trouble("usage", "base.site_packages is no list of absolute paths")
    ours = read_json(os.path.join(base["prefix"], FACTS))
    if ours:
        return _of_facts(ours["composition"], base["prefix"])
    return Composition(Base(base["prefix"], tuple(sites)))


def _of_facts(known, prefix):
    composition = Composition()
    if known["base"]:
        composition.base = Base(known["base"]["prefix"], tuple(known["base"]["sites"]),
                                tuple(known["base"]["removed"]))
    for folder in known["wheels"]:
        wheel = read_wheel(folder)
        if wheel is None:
            raise Trouble("environment", "the environment %s links to packages that are gone"
                          % prefix, folder, "make it again: nbreplay env create")
        composition.wheels[wheel.name] = wheel
    return composition
