"""Starts the helper package: `PYTHON -I -S run.py COMMAND`, JSON in and out (README.md)."""
import json
import os
import sys


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    libraries = os.environ.get("NBREPLAY_HELPER") or os.path.join(os.path.dirname(here), "helper")
    if sys.version_info < (3, 9):
        return {"error": _error("environment", "the helper package needs Python 3.9 or newer")}
    if not os.path.isdir(os.path.join(libraries, "packaging")):
        return {"error": _error("environment", "the packaging tools are missing: " + libraries,
                                "run scripts/prepare_helper.sh")}
    try:
        request = json.load(sys.stdin)
        cache = request["cache"]
        if not os.path.isabs(cache):
            raise ValueError("cache is no absolute path")
    except (ValueError, KeyError, TypeError) as error:
        return {"error": _error("usage", "the request is no JSON object with a cache: %s" % error)}
    # Installed folders may be read-only, and compiling everything again takes longer than answering.
    sys.pycache_prefix = os.path.join(cache, "packages", "bytecode")
    sys.path[:0] = [here, libraries]
    from nbreplay_packages import commands
    return commands.answer(sys.argv[1] if len(sys.argv) == 2 else "", request)


def _error(kind, message, hint=""):
    return {"kind": kind, "message": message, "cause": "", "hint": hint, "package": "",
            "version": ""}


if __name__ == "__main__":
    json.dump(main(), sys.stdout)
