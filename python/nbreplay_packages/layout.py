"""The cache's folder on disk, and how processes share it.

    packages/
      wheels/cp311/numpy/1.26.4-0123456789abcdef/        one unpacked wheel: a prefix of its own
      wheels/cp311/numpy/1.26.4-0123456789abcdef.part/   being made, or left by a killed process
      environments/<hash>/  environments/<hash>.part/    likewise
      index/  interpreters/  bases/                      what was learnt; may be deleted at any time
      locks/<number>  locks/use                          files for flock(2), empty, never deleted

An entry is made beside its place, under the entry's lock, and renamed when complete: whoever sees
the name sees all of it. A process that dies leaves a `.part`, which the next maker removes. The
lock is inherited by the programs that work for it, so an entry stays locked until the last of them
has ended, even when its maker was killed. Nobody holds two entry locks at a time.

Everybody holds `use` shared; who deletes entries holds it alone.
"""
import contextlib
import fcntl
import hashlib
import json
import os

_LOCKS = 1024


class Store:
    """Paths below the cache folder, and their locks."""

    def __init__(self, cache):
        self.root = os.path.join(cache, "packages")
        self.locks = os.path.join(self.root, "locks")
        os.makedirs(self.locks, exist_ok=True)

    def folder(self, *names):
        return os.path.join(self.root, *names)

    @contextlib.contextmanager
    def locked(self, entry):
        """Alone with `entry`, a path below the root. Yields the descriptor that holds the lock."""
        key = int(hashlib.sha256(os.fsencode(entry)).hexdigest()[:8], 16) % _LOCKS
        with self._flock(str(key), fcntl.LOCK_EX) as descriptor:
            yield descriptor

    def in_use(self):
        return self._flock("use", fcntl.LOCK_SH)

    def alone(self):
        return self._flock("use", fcntl.LOCK_EX)

    @contextlib.contextmanager
    def _flock(self, name, mode):
        descriptor = os.open(os.path.join(self.locks, name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC,
                             0o644)
        try:
            fcntl.flock(descriptor, mode)
            yield descriptor
        finally:
            os.close(descriptor)


def read_json(path):
    """The object in a file of ours; nothing when it is missing or damaged."""
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write_json(path, value):
    """Whole or not at all. What cannot be kept is only learnt again, so failures are no errors."""
    import tempfile
    temporary = None
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path), suffix=".new")
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump(value, file)
        os.replace(temporary, path)
    except OSError:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def remove_tree(path):
    """Removes what may be half made, or write-protected."""
    import shutil

    def unprotect(function, name, _):
        with contextlib.suppress(OSError):
            os.chmod(os.path.dirname(name), 0o700)
            function(name)

    if os.path.islink(path) or os.path.isfile(path):
        os.unlink(path)
    elif os.path.isdir(path):
        shutil.rmtree(path, onerror=unprotect)


def digest_of(*values):
    """Of plain JSON values."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def size_of(folder):
    """Bytes of its own files; what links lead to is not counted."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            total += os.lstat(os.path.join(path, name)).st_size
    return total
