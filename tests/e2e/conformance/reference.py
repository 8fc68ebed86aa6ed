"""Runs notebooks through nbclient and ipykernel. Executed in the conformance environment.

    python reference.py JOBS < [{"path", "stop", "result"}, ...]

Each executed notebook is written to its result path, with what ended the run, if anything, in
metadata.conformance_end. One kernel per notebook, JOBS at a time.
"""
import asyncio
import json
import os
import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


async def execute(job, gate):
    async with gate:
        notebook = nbformat.read(job["path"], as_version=4)
        client = NotebookClient(
            notebook, timeout=120, kernel_name="python3", allow_errors=not job["stop"],
            resources={"metadata": {"path": os.path.dirname(job["path"])}})
        try:
            await client.async_execute()
        except CellExecutionError:
            pass  # the error is in the cell's outputs
        except Exception as error:
            notebook.metadata["conformance_end"] = type(error).__name__
        with open(job["result"], "w", encoding="utf-8") as file:
            json.dump(notebook, file)


async def main():
    gate = asyncio.Semaphore(int(sys.argv[1]))
    await asyncio.gather(*(execute(job, gate) for job in json.load(sys.stdin)))


if __name__ == "__main__":
    asyncio.run(main())
