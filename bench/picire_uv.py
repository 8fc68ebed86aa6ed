"""Finds which packages of two locks decide, as one would without nbreplay. Helper of locks.py.

    python picire_uv.py TASK.json

The task names the packages of both sides (`good`, `bad`), those that `differ`, the `cells`, what the
last one `raises`, the `python` and the `uv`. picire's ddmin minimises the set of packages that are taken
from the bad side; each combination is installed into a new virtual environment, with nothing else, and
runs the cells as a script there. The last line printed is a JSON object: {"tests", "found"}.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import picire


class Tester:
    def __init__(self, task, folder):
        self.task = task
        self.folder = folder
        self.tests = 0
        self.script = folder / "cells.py"
        self.script.write_text("\n".join(task["cells"]) + "\n")

    def __call__(self, config, config_id):
        self.tests += 1
        packages = dict(self.task["good"])
        for index in config:
            name = self.task["differ"][index]
            packages.pop(name, None)
            if name in self.task["bad"]:
                packages[name] = self.task["bad"][name]
        raised = self.run(packages)
        same = raised.startswith(self.task["raises"] + ":")
        return picire.Outcome.FAIL if same else picire.Outcome.PASS

    def run(self, packages):
        """The last line of what it wrote to stderr; empty when it passed, or could not be made."""
        pins = self.folder / "pins.txt"
        pins.write_text("".join("%s==%s\n" % one for one in sorted(packages.items())))
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            python = pathlib.Path(place) / "bin" / "python"
            self.uv("venv", "--quiet", "--allow-existing", "--python", self.task["python"], place)
            if self.uv("pip", "install", "--quiet", "--no-deps", "--python", python, "-r", pins):
                return ""
            done = subprocess.run([str(python), str(self.script)], cwd=self.folder,
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True)
            return done.stderr.splitlines()[-1] if done.returncode and done.stderr else ""

    def uv(self, *arguments):
        return subprocess.run([self.task["uv"], *map(str, arguments)], stdin=subprocess.DEVNULL,
                              capture_output=True).returncode


def main():
    task = json.loads(pathlib.Path(sys.argv[1]).read_text())
    # Beside uv's cache, so that files can be linked.
    with tempfile.TemporaryDirectory(dir=pathlib.Path(sys.argv[1]).parent) as scratch:
        tester = Tester(task, pathlib.Path(scratch))
        everything = list(range(len(task["differ"])))
        if tester([], None) is not picire.Outcome.PASS:
            sys.exit("the good side crashes")
        if tester(everything, None) is not picire.Outcome.FAIL:
            sys.exit("the bad side does not crash as it should")
        decisive = picire.DD(tester, cache=picire.ConfigCache())(everything)
    print(json.dumps({"tests": tester.tests,
                      "found": [task["differ"][index] for index in sorted(decisive)]}))


if __name__ == "__main__":
    main()
