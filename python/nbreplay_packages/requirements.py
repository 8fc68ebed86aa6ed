"""Requirements of packages, for one interpreter.

What a requirement comes to, and whether a version satisfies it, never changes; both are remembered
on disk, so that an edit whose packages were looked at before need not even load the parser, which
takes longer than everything else.
"""
from collections import namedtuple

from .layout import digest_of, read_json, write_json

_MOST_REMEMBERED = 50_000

# A package that is needed: its normalised name, and which versions, as text.
Needed = namedtuple("Needed", "name specifier")


class Requirements:
    def __init__(self, interpreter, store):
        self._interpreter = interpreter
        key = digest_of(interpreter.markers, "requirements 1")[:32]
        self._path = store.folder("requirements", key + ".json")
        self._memory = None
        self._changed = False

    def active(self, texts):
        """What these requirements (PEP 508) need here, without any extra."""
        known = self._remembered()["needs"]
        found = []
        for text in texts:
            if "extra ==" in text:
                continue
            if text not in known:
                known[text] = self._parsed(text)
                self._changed = True
            if known[text]:
                found.append(Needed(*known[text]))
        return found

    def is_satisfied(self, needed, version):
        known = self._remembered()["satisfied"]
        key = "%s %s" % (version, needed.specifier)
        if key not in known:
            from packaging.specifiers import SpecifierSet
            from packaging.version import InvalidVersion, Version
            try:
                known[key] = SpecifierSet(needed.specifier).contains(Version(version),
                                                                     prereleases=True)
            except InvalidVersion:
                known[key] = True  # nobody can tell
            self._changed = True
        return known[key]

    def save(self):
        """Keeps what was learnt for other runs."""
        if self._changed:
            write_json(self._path, self._memory)

    def conflicts(self, composition, touched):
        """Which requirements of, or on, the packages named in `touched` are not satisfied, as
        ../README.md writes them."""
        packages = composition.packages()
        found = []
        for name in sorted(packages):
            version, requires = packages[name]
            texts = list(requires())
            if name not in touched:
                texts = [text for text in texts if _may_name(text, touched)]
            for one in self.active(texts):
                if name not in touched and one.name not in touched:
                    continue
                present = packages.get(one.name)
                if present is None or one.specifier and not self.is_satisfied(one, present[0]):
                    found.append({"package": name, "version": version, "requires": one.name,
                                  "specifier": one.specifier,
                                  "present": present[0] if present else ""})
        return found

    def usable_versions(self, page, requirements):
        """[(Version, first upload)] with a wheel for the interpreter that satisfy all; no
        prereleases and nothing withdrawn, unless there is nothing else."""
        from packaging.specifiers import SpecifierSet
        wanted = [SpecifierSet(str(one.specifier)) for one in requirements]
        found, second_choice = [], []
        for version, files in page.by_version().items():
            if not all(one.contains(version, prereleases=True) for one in wanted):
                continue
            wheels = [file for file, tags in files if file.is_wheel
                      and self._interpreter.rank(tags) is not None
                      and self._interpreter.runs(file.requires_python)]
            if not wheels:
                continue
            uploaded = min((file.uploaded for file, _ in files if file.uploaded), default="")
            ordinary = not version.is_prerelease and not all(file.yanked for file in wheels)
            (found if ordinary else second_choice).append((version, uploaded))
        return found or second_choice


    def _remembered(self):
        if self._memory is None:
            self._memory = read_json(self._path) or {}
            if len(self._memory.get("needs", ())) > _MOST_REMEMBERED or \
                    set(self._memory) != {"needs", "satisfied"}:
                self._memory = {"needs": {}, "satisfied": {}}
        return self._memory

    def _parsed(self, text):
        """[name, specifier]; nothing when it is no requirement, or none here."""
        from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
        from packaging.requirements import InvalidRequirement, Requirement
        from packaging.utils import canonicalize_name
        try:
            found = Requirement(text)
            if found.marker is None or found.marker.evaluate({**self._interpreter.markers,
                                                              "extra": ""}):
                return [canonicalize_name(found.name), str(found.specifier)]
        except (InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName):
            pass
        return None

def _may_name(text, names):
    lowered = text.lower().replace("_", "-").replace(".", "-")
    return any(lowered.startswith(name) for name in names)
