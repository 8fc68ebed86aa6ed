"""Requirements of packages, for one interpreter."""


class Requirements:
    def __init__(self, interpreter):
        self._interpreter = interpreter

    def parse(self, text):
        """A Requirement with a normalised name; nothing when it is none."""
        from packaging.requirements import InvalidRequirement, Requirement
        from packaging.utils import canonicalize_name
        try:
            found = Requirement(text)
        except InvalidRequirement:
            return None
        found.name = canonicalize_name(found.name)
        return found

    def applies(self, requirement):
        """Whether its marker holds here, without any extra."""
        from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
        if requirement.marker is None:
            return True
        try:
            return requirement.marker.evaluate({**self._interpreter.markers, "extra": ""})
        except (UndefinedComparison, UndefinedEnvironmentName):
            return False

    def active(self, texts):
        """Those that apply here."""
        parsed = [self.parse(text) for text in texts if "extra ==" not in text]
        return [one for one in parsed if one is not None and self.applies(one)]

    def conflicts(self, composition, touched):
        """Which requirements of, or on, the packages named in `touched` are not satisfied."""
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
                problem = _problem(one, packages.get(one.name))
                if problem:
                    found.append("%s %s wants %s%s, %s" % (name, version, one.name, one.specifier,
                                                           problem))
        return found

    def usable_versions(self, page, requirements):
        """[(Version, first upload)] with a wheel for the interpreter that satisfy all; no
        prereleases and nothing withdrawn, unless there is nothing else."""
        found, second_choice = [], []
        for version, files in page.by_version().items():
            if not all(one.specifier.contains(version, prereleases=True) for one in requirements):
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


def _may_name(text, names):
    lowered = text.lower().replace("_", "-").replace(".", "-")
    return any(lowered.startswith(name) for name in names)


def _problem(requirement, present):
    from packaging.version import InvalidVersion, Version
    if present is None:
        return "which is not there"
    try:
        if requirement.specifier.contains(Version(present[0]), prereleases=True):
            return ""
    except InvalidVersion:
        return ""
    return "and %s is there" % present[0]
