"""What can go wrong, in the caller's words."""
import errno

KINDS = ("usage", "environment", "missing", "unbuildable", "unreachable", "broken")


class Trouble(Exception):
    """Becomes the `error` of an answer."""

    def __init__(self, kind, message, cause="", hint="", package="", version=""):
        assert kind in KINDS, kind
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.cause = cause
        self.hint = hint
        self.package = package
        self.version = version

    def as_json(self):
        return {name: getattr(self, name)
                for name in ("kind", "message", "cause", "hint", "package", "version")}


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def disk_full(folder, cause=""):
    return Trouble("environment", "no space is left for packages in %s" % folder, cause,
                   "free some, `nbreplay env prune` helps, or name another folder: --cache-dir")


def of_system(error, folder):
    """The Trouble of an OSError met while working in `folder`."""
    if error.errno in _FULL:
        return disk_full(folder, str(error))
    return Trouble("environment", "packages cannot be kept in %s" % folder, str(error))


def unreachable(what, cause="", offline=False, **where):
    if offline:
        return Trouble("unreachable",
                       "nothing is cached of %s, and the network is not to be used" % what, cause, "run it once without --offline", **where)
    return Trouble("unreachable", "the package index could not be reached for %s" % what, cause,
                   "check the network, or name another index: UV_DEFAULT_INDEX", **where)
