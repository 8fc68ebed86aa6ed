"""Runs notebooks through nbclient and ipykernel. Executed in the conformance environment.

    python reference.py JOBS [started] < [{"path", "stop", "result"}, ...]

Each executed notebook is written to its result path, with what ended the run, if anything, in
metadata.conformance_end. One kernel per notebook, JOBS at a time; forked (kernels.py), or started
the usual way. A kernel that ends before it answered anything (on a busy machine some do not start in
time, or miss a port) is tried again.
"""
import asyncio
import json
import math
import os
import sys
import time
from queue import Empty

import nbformat
from jupyter_client.channels import AsyncZMQSocketChannel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

import kernels

ATTEMPTS = 3

wait_for_message = AsyncZMQSocketChannel.get_msg


async def get_message(channel, timeout=None):
    """Looks again each second: while nbclient waits for a reply it also sends what Output widgets
    hold, and that can take the wake-up (zmq_getsockopt(3), ZMQ_FD: it is edge-triggered)."""
    deadline = math.inf if timeout is None else time.monotonic() + timeout
    while True:
        try:
            return await wait_for_message(channel, max(0, min(1, deadline - time.monotonic())))
        except Empty:
            if time.monotonic() >= deadline:
                raise


AsyncZMQSocketChannel.get_msg = get_message


async def attempt(job):
    """(the notebook as executed, whether the kernel answered anything)"""
    notebook = nbformat.read(job["path"], as_version=4)
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", allow_errors=not job["stop"],
        resources={"metadata": {"path": os.path.dirname(job["path"])}})
    try:
        await client.async_execute()
        return notebook, True
    except CellExecutionError:
        return notebook, True  # the error is in the cell's outputs
    except Exception as error:
        print("%s: %r" % (job["path"], error), file=sys.stderr)
        notebook.metadata["conformance_end"] = type(error).__name__
        answered = any(cell.get("execution_count") or cell.get("outputs")
                       for cell in notebook.cells)
        return notebook, answered


async def execute(job, gate):
    async with gate:
        for _ in range(ATTEMPTS):
            notebook, answered = await attempt(job)
            if answered:
                break
        with open(job["result"], "w", encoding="utf-8") as file:
            json.dump(notebook, file)


async def main():
    if "started" not in sys.argv:
        kernels.use()
    gate = asyncio.Semaphore(int(sys.argv[1]))
    await asyncio.gather(*(execute(job, gate) for job in json.load(sys.stdin)))


if __name__ == "__main__":
    asyncio.run(main())
