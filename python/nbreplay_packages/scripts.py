"""bin/ of an environment: the interpreter's names, and scripts that start it.

uv wrote the wheels' scripts for the bare interpreter; here they get the environment's own. File
names come from wheels and are hostile: those of the interpreter are never taken.
"""
import os
import re

_RESERVED = re.compile(r"(python[0-9.]*t?|activate.*|deactivate.*|Activate\.ps1|\..*)\Z", re.I)
_LARGEST_SCRIPT = 1 << 20
_LONGEST_SHEBANG = 127  # what every Linux kernel takes


def make(interpreter, base, wheel_folders, part, final):
    """Fills `part`/bin for an environment that will be at `final`."""
    bin_folder = os.path.join(part, "bin")
    os.makedirs(bin_folder)
    for name in ("python", "python3", "python" + interpreter.minor):
        os.symlink(interpreter.executable if name == "python" else "python",
                   os.path.join(bin_folder, name))
    python = os.path.join(final, "bin", "python")
    sources = {}
    if base:
        removed = _scripts_of_removed(base)
        for name, path in _files_of(base):
            if name not in removed:
                sources[name] = path
    for folder in wheel_folders:
        sources.update(_files_in(os.path.join(folder, "bin")))
    for name in sorted(sources):
        _place(sources[name], os.path.join(bin_folder, name), python)


def _files_in(folder):
    try:
        return [(entry.name, entry.path) for entry in os.scandir(folder)
                if not _RESERVED.match(entry.name) and entry.is_file()]
    except OSError:
        return []


def _files_of(base):
    """Everything of an environment; of a whole system's prefix, what its packages brought."""
    folder = os.path.join(base.prefix, "bin")
    if is_environment(base.prefix):
        return _files_in(folder)
    names = {name for one in base.distributions().values() for name in _scripts_of(one)}
    return [(name, os.path.join(folder, name)) for name in names
            if not _RESERVED.match(name) and os.path.isfile(os.path.join(folder, name))]


def is_environment(prefix):
    """A virtual or a conda environment, and not a system's prefix."""
    return (os.path.exists(os.path.join(prefix, "pyvenv.cfg")) or
            os.path.isdir(os.path.join(prefix, "conda-meta")))


def _scripts_of(distribution):
    return {os.path.basename(path) for path in distribution.files()
            if path.startswith("..") and os.path.basename(os.path.dirname(path)) == "bin"}


def _scripts_of_removed(base):
    found = base.distributions()
    return {script for name in base.removed if name in found for script in _scripts_of(found[name])}


def _place(source, target, python):
    """A Python script is copied with another first line; anything else is linked to."""
    with open(source, "rb") as file:
        text = file.read(2)
        if text == b"#!":
            text += file.read(_LARGEST_SCRIPT)
    body = _body(text) if len(text) < _LARGEST_SCRIPT else None
    if body is None:
        os.symlink(source, target)
        return
    with open(target, "wb") as file:
        file.write(_first_lines(python) + body)
    os.chmod(target, 0o755)


def _body(text):
    """What follows the line, or the lines, that start Python; nothing when something else does."""
    lines = text.split(b"\n", 3)
    if lines[0].startswith(b"#!") and b"python" in os.path.basename(lines[0].split(b" ")[0]):
        return text[len(lines[0]) + 1:]
    if (lines[0] == b"#!/bin/sh" and len(lines) == 4 and lines[1].startswith(b"'''exec'") and
            lines[2] == b"' '''"):
        return lines[3]
    return None


def _first_lines(python):
    plain = os.fsencode("#!%s\n" % python)
    if len(plain) <= _LONGEST_SHEBANG and b" " not in plain:
        return plain
    # Read by sh first, and by Python as a string.
    quoted = "'" + python.replace("'", "'\"'\"'") + "'"
    return os.fsencode("#!/bin/sh\n'''exec' %s \"$0\" \"$@\"\n' '''\n" % quoted)
