"""Whether this process may fork a copy that goes on alone (docs/snapshots.md: what taints).

A child has only the thread that forked: pools of the others are gone, with the locks they held.
So every thread must belong to a library that was seen to restart its pool in a child, and nothing
may be shared with the child or be lost in it. What is not known to be safe is not: a needless
taint costs time, an unsafe fork hangs or lies.
"""
import fnmatch
import functools
import os
import re
import sys
import time
from collections import namedtuple

import _nbreplay

# ---- the table ------------------------------------------------------------------------------------

# `owner` is matched with the library's file name and with its path below site-packages; `name`
# with the thread's own name, `but` with names that are not meant.
Threads = namedtuple("Threads", "owner why name but")
Threads.__new__.__defaults__ = ("*", ())
# The owner of threads that the executable did not see being made.
UNKNOWN = ""

# Threads that may live at a fork. Each was used before it, in the child and in a grandchild.
ALLOWED_THREADS = (
    Threads("libopenblas*", "stops its pool before a fork and starts it again when used"),
    Threads("libscipy_openblas*", "the same"),
    Threads("libmkl_*", "starts its pool again in a child"),
    Threads("numexpr/interpreter*", "starts its pool again in a child"),
    Threads("*/pypocketfft*", "starts its pool again in a child"),
    Threads("*/_pocketfft*", "starts its pool again in a child"),
    Threads("cv2/*", "starts its pool again in a child"),
    Threads("pyarrow/libarrow*", "starts its pools again in a child"),
    Threads("numba/np/ufunc/workqueue*", "starts its pool again in a child"),
    Threads("tokenizers/*", "turns its pool off in a child"),
    Threads("_catboost*", "makes a pool for each use"),
    Threads("*polars*", "frees memory and is not waited for", name="polars-ooc-clea"),
    Threads("torch/lib/libtorch_cpu*", "starts its pool again in a child",
            but=("PT*", "pt_*")),
    Threads(UNKNOWN, "returns memory to the system, and jemalloc forks it anew",
            name="jemalloc_bg_thd"),
)

# Libraries whose state forbids a fork although no thread shows it.
DENIED_LIBRARIES = (
    ("numba/np/ufunc/omppool*", "numba's OpenMP layer ends forked processes, which it tells by their parent"),
    ("libmpi.so*", "a process of an MPI job must not fork"),
    ("libmpi-*", "a process of an MPI job must not fork"),
    ("libcuda.so*", "the CUDA driver does not work in a forked process"),
    ("libhsa-runtime64.so*", "the ROCm runtime does not work in a forked process"),
    ("libjvm.so*", "a Java virtual machine does not work in a forked process"),
)

# ---- judging threads and libraries ----------------------------------------------------------------

_SITE = re.compile(r".*/(?:site|dist)-packages/")
_HASH = re.compile(r"(-[0-9a-f]{8})?(\.cpython-[^.]+.*|\.abi3)?\.so[.\d]*$")


def _below_site(path):
    return _SITE.sub("", path)


def _matches(path, pattern):
    if not path or not pattern:
        return path == pattern
    return (fnmatch.fnmatchcase(os.path.basename(path), pattern) or
            fnmatch.fnmatchcase(_below_site(path), pattern))


@functools.lru_cache(maxsize=None)
def allowed(owner, name):
    """Whether a thread of this library and name may live at a fork."""
    return any(_matches(owner, row.owner) and fnmatch.fnmatchcase(name, row.name) and
               not any(fnmatch.fnmatchcase(name, other) for other in row.but)
               for row in ALLOWED_THREADS)


def library_name(path):
    """A library as a person knows it: its package, or its own name: "polars", "libgomp"."""
    if not path:
        return "unknown library"
    base = _HASH.sub("", os.path.basename(path)).lstrip("_")
    if base.startswith("libpython"):
        return "Python"
    below = _below_site(path)
    package = below.split("/")[0]
    if below == path or "/" not in below or package.endswith(".libs"):
        return base
    return package.lstrip("_")


def thread_hazards(threads, names):
    """One text per library with threads that must not live at a fork.

    `threads` are (tid, name, owner); `names` has what Python calls its own threads, by tid.
    """
    by_library = {}
    for tid, name, owner in threads:
        if not allowed(owner, name):
            by_library.setdefault(library_name(owner), []).append(names.get(tid, name))
    return ["%s: %s (%s)" % (library, _count(len(found), "thread"), _some(found))
            for library, found in sorted(by_library.items())]


@functools.lru_cache(maxsize=None)
def _library_hazard(path):
    for pattern, why in DENIED_LIBRARIES:
        if _matches(path, pattern):
            return "%s: %s" % (library_name(path), why)
    return None


def library_hazards(paths):
    """One text per loaded library whose mere use forbids a fork."""
    return [found for found in map(_library_hazard, paths) if found]


def _count(number, what):
    return "%d %s%s" % (number, what, "" if number == 1 else "s")


def _some(names, most=3):
    distinct = sorted(set(names))
    return ", ".join(distinct[:most]) + (", …" if len(distinct) > most else "")


# ---- making it safer ------------------------------------------------------------------------------

# Threads of pools that were just ended are given this long to be gone.
_PATIENCE = 0.020
_LOOK_AGAIN = 0.0005
_LOKY = ("loky", "joblib.externals.loky")


def prepare():
    """Ends pools that start again by themselves at their next use."""
    for end in (_end_loky, _end_tqdm_monitors, _nbreplay.pause_openmp):
        try:
            end()
        except Exception:  # what is left alive then taints
            pass


def _end_loky():
    """The worker processes that joblib keeps for its next call, when they have nothing to do."""
    for package in _LOKY:
        executor = getattr(sys.modules.get(package + ".reusable_executor"), "_executor", None)
        if executor is None or executor._pending_work_items:
            continue
        # joblib's own kind removes its temporary files as well.
        getattr(executor, "terminate", executor.shutdown)()


def _end_tqdm_monitors():
    """The thread that refreshes idle progress bars; the next bar starts another."""
    monitors = getattr(sys.modules.get("tqdm._monitor"), "TMonitor", ())
    for thread in _python_threads():
        if monitors and isinstance(thread, monitors):
            thread.was_killed.set()
            thread.join(1)


# ---- what a child gets anew -----------------------------------------------------------------------

_TRACKERS = ("multiprocessing.resource_tracker",) + tuple(
    package + ".backend.resource_tracker" for package in _LOKY)


def _trackers():
    """Helper processes that remove what multiprocessing leaves behind; each is started when needed.

    One that may know shared memory is not among them: it has to be told when that is removed.
    """
    found = []
    for name in _TRACKERS:
        tracker = getattr(sys.modules.get(name), "_resource_tracker", None)
        if getattr(tracker, "_fd", None) is not None and not (
                name == _TRACKERS[0] and "multiprocessing.shared_memory" in sys.modules):
            found.append(tracker)
    return found


class Inherited:
    """What a child would share with this process, as it is now; `renew` gives the child its own."""

    def __init__(self, own_fds=()):
        self._shared = _nbreplay.inherited(own_fds)
        self._trackers = _trackers()

    def reopen(self):
        """Opens the files again by their names; what went wrong, or nothing."""
        return _nbreplay.reopen(self._shared)

    def renew(self):
        problem = _nbreplay.renew(self._shared)
        if problem:
            raise RuntimeError("what the snapshot had open cannot be had again: " + problem)
        for tracker in self._trackers:
            if tracker._fd is not None:
                os.close(tracker._fd)
                tracker._fd = tracker._pid = None


# ---- looking --------------------------------------------------------------------------------------

# Threads that were waited for in vain; they are no pool that is about to end.
_waited_for = set()


def _python_threads():
    threading = sys.modules.get("threading")
    return [] if threading is None else threading.enumerate()


def _living_threads():
    """All other threads, after those had a moment that are about to end."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        threads = _nbreplay.other_threads()
        new = {tid for tid, name, owner in threads if not allowed(owner, name)} - _waited_for
        if not new:
            return threads
        if time.monotonic() > deadline:
            _waited_for.update(new)
            return threads
        time.sleep(_LOOK_AGAIN)


def _loop_hazards(loop):
    """What a loop was asked to do later, and only the parent would do."""
    import asyncio
    hazards = []
    tasks = asyncio.all_tasks(loop) - {asyncio.current_task(loop)}
    if tasks:
        hazards.append("asyncio: " + _count(len(tasks), "unfinished task"))
    # Private, and missing in loops of another make, whose descriptors taint.
    waiting = [call for call in getattr(loop, "_scheduled", ()) if not call.cancelled()]
    if waiting:
        hazards.append("asyncio: " + _count(len(waiting), "scheduled call"))
    if getattr(loop, "_signal_handlers", None):
        hazards.append("asyncio: a signal handler of the event loop")
    return hazards


def hazards(loop, own_fds, own_children=()):
    """Why no copy of this process may go on alone, as texts for a person; empty when it may.

    To be called after `prepare`, in the thread that forks, from a task of `loop`. The descriptors
    and children given are those that the caller takes care of itself.
    """
    try:
        return _look(loop, own_fds, own_children)
    except Exception as problem:  # the notebook may have changed whatever is asked here
        return ["this process cannot be judged: %s" % type(problem).__name__]


def _look(loop, own_fds, own_children):
    names = {thread.native_id: thread.name for thread in _python_threads()}
    found = thread_hazards(_living_threads(), names)
    found += library_hazards(_nbreplay.mapped_libraries())
    found += _loop_hazards(loop)
    trackers = _trackers()
    found += _nbreplay.child_hazards(
        list(own_children) + [tracker._pid for tracker in trackers if tracker._pid])
    found += _nbreplay.descriptor_hazards(list(own_fds) + [tracker._fd for tracker in trackers])
    found += _nbreplay.map_hazards()
    found += _nbreplay.timer_hazards()
    return found
