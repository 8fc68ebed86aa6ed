"""SIGINT: KeyboardInterrupt in a cell, cancels one that awaits, ignored between cells."""
import asyncio
import signal

import _nbreplay


class _Interrupts:
    def __init__(self):
        self._loop = None
        self._cell = False
        self._future = None
        self.seen = False

    def install(self, loop):
        self._loop = loop
        signal.signal(signal.SIGINT, self._handle)

    def _handle(self, number, frame):
        if _nbreplay.in_forked_child():
            return signal.default_int_handler(number, frame)
        if not self._cell:
            return None
        self.seen = True
        if self._future is None or asyncio.current_task(self._loop) is not None:
            return signal.default_int_handler(number, frame)
        # The cell sleeps in an await: raising here would end the loop and not the cell.
        self._loop.call_soon_threadsafe(self._future.cancel)
        return None

    def start_cell(self):
        self.seen = False
        self._cell = True

    def end_cell(self):
        self._cell = False
        self._future = None

    async def wait(self, coroutine):
        """Awaits a cell's coroutine; SIGINT cancels it meanwhile."""
        self._future = asyncio.ensure_future(coroutine)
        try:
            return await self._future
        finally:
            self._future = None


interrupts = _Interrupts()
install = interrupts.install
