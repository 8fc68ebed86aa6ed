"""Facts of the interpreter that packages are for: asked of it once, then remembered."""
import os
import re

from .errors import Trouble
from .layout import digest_of, read_json, write_json

# Runs in the target: any CPython 3.
_SCRIPT = r"""
import json, os, platform, sys, sysconfig
get = sysconfig.get_config_var
tag = "%d.%d" % sys.version_info[:2]
lib = get("LIBDIR") or ""
names = [get("INSTSONAME") or "", "libpython%s.so.1.0" % tag, "libpython%s.so" % tag]
folders = [lib, os.path.join(lib, get("MULTIARCH") or ""), os.path.join(sys.base_prefix, "lib")]
paths = [os.path.join(f, n) for f in folders for n in names if ".so" in n]
full = platform.python_version()
json.dump({
    "implementation": sys.implementation.name,
    "version": full,
    "minor": tag,
    "soabi": get("SOABI") or "",
    "platform": sysconfig.get_platform(),
    "base_executable": getattr(sys, "_base_executable", sys.executable) or sys.executable,
    "base_prefix": sys.base_prefix,
    "libpython": next((p for p in paths if os.path.isfile(p)), ""),
    "markers": {
        "implementation_name": sys.implementation.name,
        "implementation_version": full,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": full,
        "python_version": tag,
        "sys_platform": sys.platform,
    },
}, sys.stdout)
"""


class Interpreter:
    """`executable` is the installation's own, never that of a virtual environment."""

    def __init__(self, facts):
        self.executable = facts["base_executable"]
        self.version = facts["version"]
        self.minor = facts["minor"]
        self.abi = facts["abi"]
        self.base_prefix = facts["base_prefix"]
        self.libpython = facts["libpython"]
        self.markers = facts["markers"]
        self._ranks = {tag: rank for rank, tag in enumerate(facts["tags"])}

    def rank(self, tags):
        """How well a wheel with these tags fits: lower is better; nothing when it does not."""
        ranks = [self._ranks[text] for text in map(str, tags) if text in self._ranks]
        return min(ranks) if ranks else None

    def runs(self, requires_python):
        """Whether a file's Requires-Python lets this interpreter use it."""
        if not requires_python:
            return True
        from packaging.specifiers import InvalidSpecifier, SpecifierSet
        try:
            return SpecifierSet(requires_python).contains(self.version, prereleases=True)
        except InvalidSpecifier:
            return True  # as installers do: an old mistake of an author is no obstacle

    @property
    def lib_folder(self):
        suffix = "t" if self.abi.endswith("t") else ""
        return os.path.join("lib", "python%s%s" % (self.minor, suffix))

    @property
    def site_packages(self):
        """Relative to a prefix."""
        return os.path.join(self.lib_folder, "site-packages")


def find(store, python):
    """The Interpreter of a request's `python`."""
    executable = python.get("executable") if isinstance(python, dict) else None
    if not isinstance(executable, str) or not os.path.isabs(executable):
        raise Trouble("usage", "python.executable is no absolute path")
    try:
        real = os.path.realpath(executable)
        found = os.stat(real)
    except OSError as error:
        raise Trouble("environment", "the interpreter %s is missing" % executable, str(error))
    # A virtual environment's executable is a link: the same file, and the same base.
    key = digest_of(real, found.st_mtime_ns, found.st_size, "facts 1")
    path = store.folder("interpreters", key[:32] + ".json")
    facts = read_json(path)
    if facts is None or not os.path.exists(facts["base_executable"]):
        facts = _ask(real)
        write_json(path, facts)
    return Interpreter(facts)


def _ask(executable):
    import json
    import subprocess
    try:
        done = subprocess.run([executable, "-I", "-S", "-c", _SCRIPT], capture_output=True,
                              timeout=30, stdin=subprocess.DEVNULL, check=True)
        facts = json.loads(done.stdout)
        facts["tags"] = _tags(facts)
        facts["abi"] = _abi(facts)
    except (OSError, ValueError, KeyError, subprocess.SubprocessError) as error:
        cause = getattr(error, "stderr", None)
        raise Trouble("environment", "the interpreter %s does not answer" % executable,
                      cause.decode("utf-8", "replace")[-500:] if cause else str(error))
    return facts


def _abi(facts):
    """"cp311", "cp313t", "cp37m"."""
    match = re.match(r"cpython-(\d+[a-z]*)", facts["soabi"])
    if facts["implementation"] != "cpython" or not match:
        raise ValueError("only CPython is served, this is %s" % facts["implementation"])
    return "cp" + match.group(1)


def _tags(facts):
    """All wheel tags that it takes, best first. Asked here, since old interpreters cannot."""
    import sysconfig
    from packaging import tags
    if facts["platform"] != sysconfig.get_platform():
        raise ValueError("it is for %s, this program for %s"
                         % (facts["platform"], sysconfig.get_platform()))
    version = tuple(int(part) for part in facts["minor"].split("."))
    platforms = list(tags.platform_tags())
    abi = _abi(facts)
    found = list(tags.cpython_tags(version, [abi], platforms))
    found += tags.compatible_tags(version, "cp%d%d" % version, platforms)
    return [str(tag) for tag in found]


