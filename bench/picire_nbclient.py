"""Minimises a crashing notebook with picire, nbclient being the tester. Helper of minimize.py.

    python picire_nbclient.py record NOTEBOOK
    python picire_nbclient.py default|backward NOTEBOOK

The first executes the notebook and saves it as a person would, with outputs and the crash; the
others minimise a notebook saved so. The last line printed is a JSON object: {"seconds"}, of
minimising also {"trials", "kept"}.
"""
import json
import sys
import time

import nbformat
import picire
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError


def execute(notebook):
    try:
        NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
    except (CellExecutionError, DeadKernelError):
        pass


def crash_of(notebook):
    """(source, ename, evalue) of the cell that raised; None when none did."""
    for cell in notebook.cells:
        for output in cell.outputs:
            if output.output_type == "error":
                return cell.source, output.ename, output.evalue
    return None


class Tester:
    def __init__(self, notebook):
        self.sources = [cell.source for cell in notebook.cells]
        self.wanted = crash_of(notebook)
        self.trials = 0

    def __call__(self, config, config_id):
        self.trials += 1
        kept = [nbformat.v4.new_code_cell(self.sources[i]) for i in sorted(config)]
        notebook = nbformat.v4.new_notebook(cells=kept)
        execute(notebook)
        same = crash_of(notebook) == self.wanted
        return picire.Outcome.FAIL if same else picire.Outcome.PASS


def minimise(notebook, flavour):
    tester = Tester(notebook)
    if flavour == "backward":
        reducer = picire.DD(tester, subset_iterator=picire.config_iterators.skip,
                            complement_iterator=picire.config_iterators.backward)
    else:
        reducer = picire.DD(tester)
    kept = reducer(list(range(len(notebook.cells))))
    return {"trials": tester.trials, "kept": [i + 1 for i in sorted(kept)]}


def main():
    action, path = sys.argv[1:]
    notebook = nbformat.read(path, as_version=4)
    start = time.perf_counter()
    if action == "record":
        execute(notebook)
        nbformat.write(notebook, path)
        found = {}
    else:
        found = minimise(notebook, action)
    print(json.dumps({**found, "seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    main()
