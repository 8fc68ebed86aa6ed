"""Which distribution an imported name comes from."""
import json
import os
import sys

from . import metadata

# Modules of older standard libraries: nobody means a distribution of that name.
_FORMER = frozenset("""
    _bootlocale aifc asynchat asyncore audioop binhex cgi cgitb chunk crypt distutils dummy_threading
    formatter imghdr imp lib2to3 macpath mailcap msilib nis nntplib ossaudiodev parser pipes smtpd
    sndhdr spwd sunau symbol telnetlib uu xdrlib
""".split())


def table():
    """{import name: distribution}; names may be dotted."""
    path = os.path.join(os.path.dirname(__file__), "distributions.json")
    with open(path, encoding="utf-8") as file:
        return {name: distribution for distribution, names in json.load(file).items()
                for name in names}


# Distributions that hold the same modules as the one that the table names: who asked for one of
# these has what is imported. Two of them in one environment would overwrite each other.
_VARIANTS = {
    "faiss-cpu": ("faiss-gpu",),
    "opencv-python-headless": ("opencv-python", "opencv-contrib-python",
                               "opencv-contrib-python-headless"),
    "psycopg2-binary": ("psycopg2",),
    "tensorflow": ("tensorflow-cpu", "tensorflow-gpu", "tensorflow-intel", "tensorflow-macos",
                   "tf-nightly", "tf-nightly-cpu"),
}


def is_covered(distribution, names):
    """Whether one of `names` is the distribution, or holds the same modules."""
    return not names.isdisjoint((distribution, *_VARIANTS.get(distribution, ())))


def standard_modules():
    """Names of the standard library, of any version that is served."""
    names = getattr(sys, "stdlib_module_names", None)
    if names is None:
        folder = os.path.dirname(os.__file__)
        names = {entry.split(".")[0] for entry in os.listdir(folder)}
        names |= {entry.split(".")[0] for entry in os.listdir(os.path.join(folder, "lib-dynload"))}
        names |= set(sys.builtin_module_names)
    return frozenset(names) | _FORMER


def of_imports(imports, sites=()):
    """({import name: distribution}, [unknown names]); the standard library is in neither."""
    standard, known = standard_modules(), table()
    wanted = sorted({name for name in imports if isinstance(name, str) and name
                     and name.split(".")[0] not in standard})
    installed = _installed(wanted, sites)
    found, unknown = {}, []
    for name in wanted:
        distribution = installed.get(name.split(".")[0]) or _longest(name, known)
        if distribution:
            found[name] = distribution
        else:
            unknown.append(name)
    return found, unknown


def _longest(name, known):
    """"google.cloud.storage" before "google"."""
    parts = name.split(".")
    for size in range(len(parts), 0, -1):
        distribution = known.get(".".join(parts[:size]))
        if distribution:
            return distribution
    return None


def _installed(names, sites):
    """What installed packages say; a folder that several share says nothing."""
    owners = {}
    tops = {name.split(".")[0] for name in names}
    for site in sites:
        for one in metadata.distributions(site) if tops else ():
            for path in one.files():
                top = path.split(os.sep, 1)[0].split(".")[0]
                if top in tops:
                    owners.setdefault(top, set()).add(one.name)
    return {top: min(found) for top, found in owners.items() if len(found) == 1}
