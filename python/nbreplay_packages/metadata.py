"""What installed packages say of themselves in a site-packages folder."""
import os
import re
from collections import namedtuple

_LARGEST = 4 << 20


class Distribution(namedtuple("Distribution", "name version site entry")):
    """One package as installed: its normalised name, and "numpy-1.26.4.dist-info" in `site`."""

    def requires(self):
        """Its requirements, as PEP 508 strings."""
        found = []
        for line in self._text("METADATA").splitlines():
            if not line:  # one of spaces goes on with what is above: licences have such
                break  # what follows is a description
            if line.lower().startswith("requires-dist:"):
                found.append(line.split(":", 1)[1].strip())
        return found

    def files(self):
        """Paths relative to the site-packages folder, of its RECORD; without one, a guess."""
        record = self._text("RECORD")
        if record:
            found = []
            for line in record.splitlines():
                path = line[1:].split('"', 1)[0] if line.startswith('"') else line.split(",", 1)[0]
                if path and not os.path.isabs(path):
                    found.append(os.path.normpath(path))
            return found
        return [self.entry] + [name for top in self.modules() for name in (top, top + ".py")]

    def modules(self):
        """Top-level names that it brings, where no RECORD tells."""
        text = self._text("top_level.txt")
        return text.split() if text else [self.name.replace("-", "_")]

    def mentions(self, folder):
        """Whether it has a file below a top-level folder."""
        record = self._text("RECORD")
        if record:
            return record.startswith(folder + "/") or "\n" + folder + "/" in record
        return folder in self.modules()

    def _text(self, name):
        path = os.path.join(self.site, self.entry, name)
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                return file.read(_LARGEST)
        except OSError:
            return ""


def distributions(site):
    """The packages of a site-packages folder, by name."""
    found = {}
    try:
        names = sorted(os.listdir(site))
    except OSError:
        return []
    for entry in names:
        stem, extension = os.path.splitext(entry)
        if extension not in (".dist-info", ".egg-info") or stem.startswith("~"):
            continue
        name, _, version = stem.partition("-")
        if not version:
            version = _written_version(os.path.join(site, entry))
        version = version.split("-py")[0]
        name = re.sub(r"[-_.]+", "-", name).lower()
        if name:
            found[name] = Distribution(name, version, site, entry)
    return list(found.values())


def _written_version(path):
    path = os.path.join(path, "PKG-INFO") if os.path.isdir(path) else path
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            match = re.search(r"^Version:\s*(\S+)", file.read(_LARGEST), re.M)
    except OSError:
        return ""
    return match[1] if match else ""
