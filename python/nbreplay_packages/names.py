"""Names of packages."""
import re

from .errors import Trouble

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?\Z")
_LONGEST = 200


def normalised(name):
    """As in PEP 503. What is no name never becomes part of a path or a command."""
    plain = re.sub(r"[-_.]+", "-", name).lower() if isinstance(name, str) else ""
    if not _NAME.match(plain) or len(plain) > _LONGEST:
        raise Trouble("usage", "%r is no package name" % (name,))
    return plain
