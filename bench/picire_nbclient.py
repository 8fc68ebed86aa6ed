"""Minimises a crashing notebook with picire, nbclient being the tester. Helper of minimize.py.

    python picire_nbclient.py default|backward < [source, ...]

Prints {"trials", "seconds", "kept"} as the last line.
"""
import json
import sys
import time

import nbformat
import picire
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError


def end_of(sources):
    """(cells completed before the end, ename, evalue), or None when nothing raised."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    try:
        NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    except CellExecutionError as error:
        last = next(i for i, cell in enumerate(notebook.cells)
                    if any(out.output_type == "error" for out in cell.outputs))
        return sources[last], error.ename, error.evalue
    except DeadKernelError:
        return None
    return None


class Tester:
    def __init__(self, sources):
        self.sources = sources
        self.trials = 0
        self.wanted = self._end(range(len(sources)))

    def _end(self, config):
        self.trials += 1
        return end_of([self.sources[i] for i in sorted(config)])

    def __call__(self, config, config_id):
        same = self._end(config) == self.wanted
        return picire.Outcome.FAIL if same else picire.Outcome.PASS


def main():
    sources = json.load(sys.stdin)
    start = time.perf_counter()
    tester = Tester(sources)
    if sys.argv[1] == "backward":
        reducer = picire.DD(tester, subset_iterator=picire.config_iterators.skip,
                            complement_iterator=picire.config_iterators.backward)
    else:
        reducer = picire.DD(tester)
    kept = reducer(list(range(len(sources))))
    print(json.dumps({"trials": tester.trials, "seconds": time.perf_counter() - start,
                      "kept": [i + 1 for i in sorted(kept)]}))


if __name__ == "__main__":
    main()
