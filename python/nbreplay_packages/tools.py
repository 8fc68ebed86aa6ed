"""Running uv, and what its words mean."""
import os
import re
import signal
import subprocess
import sys

from . import errors
from .errors import Trouble
from .layout import digest_of, read_json, write_json

# Builds may be long; everything else ends by uv's own time-outs.
_LONGEST_S = 1800

UNREACHABLE = ("error sending request", "dns error", "client error (connect)", "timed out",
                "timeout", "connection refused", "connection reset", "connection closed",
                "network connectivity is disabled", "incompletemessage", "unexpected eof",
                "http status server error", "request failed after", "error decoding response body",
                "could not connect", "error reading a body")
_BROKEN_FILE = ("hash mismatch", "failed to extract", "invalid zip", "zip", "corrupt",
                "invalid wheel", "not a valid wheel", "metadata", "record file", ".dist-info",
                "content length", "size mismatch")
_SOURCE_ONLY = ("no usable wheels", "no wheels with a matching", "building source distributions is "
                "disabled", "building is disabled", "no source distribution",
                "only-binary", "no compatible wheels", "does not have a wheel")
_BUILD_FAILED = ("failed to build", "build backend", "failed to prepare distributions: build",
                 "build_wheel", "get_requires_for_build_wheel", "prepare_metadata_for_build_wheel")
FULL = ("no space left on device", "os error 28", "file too large", "os error 27",
         "disk quota exceeded", "os error 122")


def program():
    """uv's own executable, as its wheel brings it."""
    for folder in sys.path:
        path = os.path.join(folder, "bin", "uv")
        if os.path.isdir(os.path.join(folder, "uv")) and os.access(path, os.X_OK):
            return path
    raise Trouble("environment", "uv is missing from the packaging tools", "",
                  "run scripts/prepare_helper.sh")


class Said:
    """How a run of uv ended."""

    def __init__(self, code, output, words):
        self.failed = code != 0
        self.output = output
        self.words = _plain(words)
        if code < 0:  # writing more than a limit allows ends a program by a signal
            self.words += "file too large" if code == -signal.SIGXFSZ else "uv died of signal %d" % -code


def run(store, arguments, text="", offline=False, keep_open=(), command="pip"):
    """Runs `uv COMMAND ARGUMENTS` in a folder without a project's configuration."""
    command = [program(), command, *arguments, "--quiet", "--color", "never", "--no-progress"]
    if offline:
        command.append("--offline")
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, cwd=store.root,
                              timeout=_LONGEST_S, pass_fds=keep_open)
    except subprocess.TimeoutExpired:
        return Said(1, "", "uv timed out after %d s" % _LONGEST_S)
    except OSError as error:
        raise Trouble("environment", "uv could not be started", str(error))
    return Said(done.returncode, done.stdout.decode("utf-8", "replace"),
                done.stderr.decode("utf-8", "replace"))


def trouble_with(said, store, name, version, offline):
    """Why one release could not be unpacked."""
    words = said.words.lower()
    what = "%s %s" % (name, version)
    where = {"package": name, "version": version}

    def has(patterns):
        return any(pattern in words for pattern in patterns)

    if has(FULL):
        return errors.disk_full(store.root, said.words)
    if "hash mismatch" in words:
        return Trouble("broken", "the file of %s is not the one that was promised: its digest differs"
                       % what, said.words, **where)
    if has(_BUILD_FAILED):
        return Trouble("unbuildable", "%s exists only as source, and building it failed" % what,
                       said.words, **where)
    if has(_SOURCE_ONLY):
        return Trouble("unbuildable", "%s has no file for this Python" % what, said.words, **where)
    if "404" in words or "not found" in words or "status client error" in words:
        return Trouble("missing", "the index lists %s, but its file is not there" % what,
                       said.words, **where)
    if has(UNREACHABLE):
        return errors.unreachable(what, said.words, offline, **where)
    if has(_BROKEN_FILE):
        return Trouble("broken", "the file of %s is damaged" % what, said.words, **where)
    return Trouble("broken", "%s could not be unpacked" % what, said.words, **where)


def indexes(store):
    """What uv is configured to use: ([index URLs, the first that knows a package wins],
    [folders or pages with files])."""
    key = digest_of(sorted((name, value) for name, value in os.environ.items()
                           if name.startswith("UV_")), _settings_stamp())
    path = store.folder("index", "configured-" + key[:16] + ".json")
    known = read_json(path)
    if known is None:
        known = _ask_for_indexes(store)
        write_json(path, known)
    return known["indexes"], known["links"]


def _ask_for_indexes(store):
    said = run(store, ["compile", "--emit-index-url", "--emit-find-links", "--no-header", "--python",
                       sys.executable, "-"], offline=True)
    if said.failed:
        raise Trouble("environment", "uv's configuration cannot be read", said.words)
    first, rest, links = [], [], []
    for line in said.output.splitlines():
        option, _, value = line.strip().partition(" ")
        if option == "--extra-index-url":
            first.append(value.rstrip("/"))
        elif option == "--index-url":
            rest.append(value.rstrip("/"))
        elif option == "--find-links":
            links.append(value)
    return {"indexes": first + rest, "links": links}


def _settings_stamp():
    """Changes with the user's or the system's configuration of uv."""
    folders = [os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")]
    folders += (os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
    stamps = []
    for path in [os.path.join(folder, "uv", "uv.toml") for folder in folders] + ["/etc/uv/uv.toml"]:
        try:
            found = os.stat(path)
            stamps.append([path, found.st_mtime_ns, found.st_size])
        except OSError:
            continue
    return stamps


def _plain(words):
    """Without the drawing that uv wraps its chains of causes in."""
    lines = [re.sub(r"^[\s×│╰├─▶]+", "", line).rstrip() for line in words.splitlines()]
    return "\n".join(line for line in lines if line)[:4000]
