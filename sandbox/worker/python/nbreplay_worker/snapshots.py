"""Freezing copies of this worker, and waking up as a runner forked from one.

What a fork does not carry over, or changes, is put right here, so that a runner goes on as the
process would have that executed the same cells itself (docs/snapshots.md).
"""
import asyncio
import os
import sys

import _nbreplay
from . import fork_safety
from .cells import cells


class _State:
    """What has to be the same again in a runner."""

    def __init__(self, own_descriptors):
        self.folder = _folder()
        self.inherited = fork_safety.Inherited(own_descriptors)
        random = sys.modules.get("random")
        # Python seeds it anew in every forked process. Before the first cell that is what a
        # process of its own would do as well.
        self.random = random.getstate() if random and _must_keep_random() else None

    def enter_view(self):
        """In the process that goes on, whose files are elsewhere now."""
        problem = self.inherited.reopen()
        if self.folder:
            os.chdir(self.folder)
        return problem

    def restore(self, folder, variables):
        self.inherited.renew()
        for name, value in variables:
            os.environ[name] = value
        if folder or self.folder:
            os.chdir(folder or self.folder)
        if self.random is not None:
            sys.modules["random"].setstate(self.random)


def _folder():
    try:
        return os.getcwd()
    except OSError:  # removed by the notebook
        return ""


def _must_keep_random():
    return cells.position >= 0 or _nbreplay.configuration()[7] is not None


def _own_loops(loop):
    loops = [loop]
    helpers = sys.modules.get("IPython.core.async_helpers")
    idle = getattr(helpers, "_asyncio_event_loop", None)
    if idle is not None and idle is not loop and not idle.is_closed():
        loops.append(idle)
    return loops


def _loop_descriptors(loop):
    """Descriptors by which a loop waits; none for a loop of another make."""
    parts = (getattr(loop, "_selector", None), getattr(loop, "_ssock", None),
             getattr(loop, "_csock", None))
    return [part.fileno() for part in parts if part is not None and hasattr(part, "fileno")]


def _renew(loop):
    """Gives the loop its own selector and self-pipe: a fork shares them with its parent."""
    old, own = loop._selector, loop._ssock.fileno()
    kept = [key for key in old.get_map().values() if key.fd != own]
    old.close()  # Only this process's descriptor: the parent's registrations stay.
    loop._selector = type(old)()
    loop._ssock.close()
    loop._csock.close()
    loop._internal_fds -= 1
    loop._make_self_pipe()
    for key in kept:
        loop._selector.register(key.fileobj, key.events, key.data)


class Snapshots:
    """`moved` is called in a runner from before the first cell: it works in another folder."""

    def __init__(self, loop, moved):
        self._loop = loop
        self._moved = moved
        self._frozen = None  # the state when the last copy was frozen

    def enter_view(self):
        """Serves EnterView: what could not be found again, or nothing."""
        if self._frozen is None:
            return "no copy was frozen"
        try:
            return self._frozen.enter_view()
        except OSError as error:
            return str(error)

    def take(self):
        """Serves TakeSnapshot. True in a new runner, which has to say that it is ready."""
        loops = _own_loops(self._loop)
        own = list(_nbreplay.own_descriptors())
        for loop in loops:
            own.extend(_loop_descriptors(loop))
        fork_safety.prepare()
        hazards = fork_safety.hazards(self._loop, own, _nbreplay.frozen_copies())
        if hazards:
            _nbreplay.no_snapshot(hazards)
            return False
        state = _State(own)
        self._frozen = state
        asked = _nbreplay.freeze()
        if asked is None:
            return False
        for loop in loops:
            _renew(loop)
        # Since a fork the loop that runs is not known any more.
        asyncio._set_running_loop(self._loop)
        asyncio.set_event_loop(self._loop)
        folder, variables = asked
        first = cells.position < 0
        state.restore(folder, variables)
        if first:
            self._moved()
        return True
