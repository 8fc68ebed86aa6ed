"""The shipped table of versions by date, for indexes that give no upload dates."""
import json
import os


def _table():
    with open(os.path.join(os.path.dirname(__file__), "hosted.json"), encoding="utf-8") as file:
        return json.load(file)


def at(history, day):
    """The version that held on a day; nothing before the first."""
    held = [version for first, version in history if first <= day]
    return held[-1] if held else None


def constraints(day, requirements):
    """Pins for the packages of the table, but those that somebody pinned."""
    from .names import normalised
    pinned = {normalised(one.name) for one in requirements
              if any(part.operator in ("==", "===") for part in one.specifier)}
    found = []
    for name, history in sorted(_table()["packages"].items()):
        version = at(history, day)
        if version and name not in pinned:
            found.append("%s==%s" % (name, version))
    return found
