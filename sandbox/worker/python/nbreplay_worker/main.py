"""Starts the worker's Python half and serves the controller's requests.

Requests are served by a task of an asyncio event loop, as in a kernel: cells run inside it, so
`asyncio.run` refuses, top-level await works, and background tasks of the notebook advance at
awaits and between cells.
"""
import gc
import os
import sys

import _nbreplay
from . import wire

# Turns that background tasks get when a cell is over.
_TURNS = 3


def _add_working_folder():
    """Where a kernel has it: behind the standard library, before installed packages."""
    for number, path in enumerate(sys.path):
        if os.path.basename(path) in ("site-packages", "dist-packages"):
            break
    else:
        number = len(sys.path)
    sys.path.insert(number, "")


def _set_up_path(configuration):
    sys.path[:0] = configuration.prepend_path
    sys.path.extend(configuration.append_path)


def _watch_for_crashes():
    if _nbreplay.FAULT_FD >= 0:
        import faulthandler
        faulthandler.enable(file=_nbreplay.FAULT_FD, all_threads=True)


def _make_shell(configuration):
    from . import imports, placeholders, streams
    sys.stdout = streams.OutStream("stdout", 1)
    sys.stderr = streams.OutStream("stderr", 2)
    imports.install()
    if configuration.random_seed is not None:
        imports.seed_generators(configuration.random_seed)
    placeholders.install(list(configuration.placeholder_modules))
    from . import stdin
    stdin.refuse()
    if configuration.plain:
        from . import plain_shell
        return plain_shell.PlainShell()
    from . import ipython
    return ipython.start(configuration)


def _preload(names):
    import importlib
    for name in names:
        try:
            importlib.import_module(name)
        except Exception:  # the notebook will meet it itself, if it imports that
            pass


class _ParserOnly:
    """Serves ParseCells and nothing else."""

    ipython_version = ""
    ipython_from = ""

    def last_words(self):
        return ""

    def moved(self):
        pass

    async def run(self, cell):
        raise RuntimeError("a worker that only parses was asked to run a cell")


class Server:
    def __init__(self, shell, loop):
        self._shell = shell
        self._loop = loop
        self._wanted = None
        self._snapshots = None
        for descriptor in _nbreplay.wake_fds():
            loop.add_reader(descriptor, self._wake)

    def _wake(self):
        if self._wanted is not None and not self._wanted.done():
            self._wanted.set_result(None)

    async def _next_request(self):
        while True:
            request = _nbreplay.take_request()
            if request is not None:
                return request
            self._wanted = self._loop.create_future()
            await self._wanted

    async def serve(self):
        import asyncio
        while True:
            kind, fields = await self._next_request()
            if kind == wire.RUN_CELL:
                done = await self._shell.run(fields)
                for _ in range(_TURNS):
                    await asyncio.sleep(0)
                _nbreplay.cell_done(done)
            elif kind == wire.PARSE_CELLS:
                from . import facts
                _nbreplay.cell_facts((facts.parse_cells(fields[0]),))
            elif kind == wire.TAKE_SNAPSHOT:
                self._take_snapshot()
            elif kind == wire.ENTER_VIEW:
                _nbreplay.view_entered((self._snapshots.enter_view(),))
            elif kind == wire.FINISH:
                return

    def _take_snapshot(self):
        if self._snapshots is None:
            from . import snapshots
            self._snapshots = snapshots.Snapshots(self._loop, self._shell.moved)
        if self._snapshots.take():
            _say_ready(self._shell)


def _say_ready(shell):
    version = _nbreplay.configuration()[0]
    _nbreplay.ready((version, "%d.%d.%d" % sys.version_info[:3], shell.ipython_version,
                     shell.ipython_from))


def _serve(shell):
    import asyncio
    from . import interrupts
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    interrupts.install(loop)
    task = loop.create_task(Server(shell, loop).serve())
    while not task.done():
        try:
            loop.run_until_complete(task)
        except KeyboardInterrupt:
            # Raised in a background task, or between cells: the server itself goes on.
            continue
        except RuntimeError:
            # The notebook stopped the loop it runs in; a closed one cannot go on.
            if task.done() or loop.is_closed():
                raise


def _end_pools():
    """What Python does before exit handlers: those of multiprocessing wait for pools to be over."""
    threading = sys.modules.get("threading")
    # Not threading._shutdown, which also waits for the notebook's own threads.
    for end in reversed(getattr(threading, "_threading_atexits", [])):
        try:
            end()
        except Exception:
            import traceback
            traceback.print_exc()


def _finish(shell):
    """What a kernel does when it is shut down."""
    import atexit
    words = shell.last_words()
    if len(words) > wire.MAX_WIDGETS:
        _nbreplay.note(("the state of widgets takes %.1f MiB, and was not kept" % (
            len(words) / 2**20),))
        words = ""
    _end_pools()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # the notebook's own stream may do anything
            pass
    _nbreplay.finished((words,))


def run():
    """The whole life of a worker. The process exits with what this returns."""
    configuration = wire.Configuration(_nbreplay.configuration())
    # Nothing that starting makes is garbage: collecting meanwhile only costs time.
    gc.disable()
    try:
        _set_up_path(configuration)
        _watch_for_crashes()
        shell = _ParserOnly() if configuration.parse_only else _make_shell(configuration)
        _preload(configuration.preload)
        # Last: a module of the project shall not take the place of one that starting needs.
        _add_working_folder()
    except wire.SetupError as error:
        _nbreplay.setup_failed((error.stage, wire.safe_str(error)))
        return 3
    gc.enable()
    _say_ready(shell)
    try:
        _serve(shell)
        _finish(shell)
    except SystemExit as request:
        # A background task raised it, or an exit handler.
        return request.code if isinstance(request.code, int) else 1
    return 0
