#!/usr/bin/env python3
"""Diagnoses every fixture and prints how many answers are right.

    python bench/fixtures.py [--binary PATH] [--environment DIR] [--json FILE] [NAME…]

The expected answers stand beside the notebooks in fixtures/notebooks. Exits 1 when any crash got a
wrong label with the verdict `confirmed`, when a claimed minimum was not certified, or when a
command failed.
"""

from __future__ import annotations

import argparse
import collections
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "fixtures"))

import answers  # noqa: E402


def diagnose(options: argparse.Namespace, notebook: pathlib.Path) -> dict | None:
    """The result document, from a copy of the fixtures where nbreplay may write beside them."""
    command = [options.binary, "diagnose", "--json", "--no-progress", "--no-cache",
               "--versions", "never", "--environment", options.environment,
               "--budget", options.budget]
    if not options.statements:
        command.append("--no-statements")
    done = subprocess.run([*command, str(notebook)], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        print(f"{notebook.stem}: exit {done.returncode}: {done.stderr.strip()}", file=sys.stderr)
        return None
    return json.loads(done.stdout)


COLUMNS = (("reproduced", "reproduced"), ("minimised", "minimum"), ("certified", "certified"),
           ("labelled", "label"), ("edit_named", "edit"))


def print_table(found: list[answers.Answer]) -> None:
    by_kind: dict[str, list[answers.Answer]] = collections.defaultdict(list)
    for answer in found:
        by_kind[answer.kind].append(answer)
    print(f"\n{'kind':26}{'crashes':>8}" + "".join(f"{name:>12}" for _, name in COLUMNS))
    for kind, group in [*sorted(by_kind.items()), ("all", found)]:
        counts = "".join(f"{sum(getattr(answer, name) for answer in group):12}"
                         for name, _ in COLUMNS)
        print(f"{kind:26}{len(group):8}{counts}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=str(ROOT / "build/dev/bin/nbreplay"))
    parser.add_argument("--environment", default=str(ROOT / ".nbreplay/demo"))
    parser.add_argument("--budget", default="10m", help="per notebook")
    parser.add_argument("--statements", action="store_true", help="reduce statements too")
    parser.add_argument("--json", type=pathlib.Path, help="also keep the result documents here")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()

    found: list[answers.Answer] = []
    documents = {}
    failed = 0
    with tempfile.TemporaryDirectory(prefix="fixtures-") as scratch:
        folder = pathlib.Path(scratch) / "notebooks"
        shutil.copytree(answers.NOTEBOOKS, folder)
        for notebook in sorted(folder.glob("*.ipynb")):
            if options.names and notebook.stem not in options.names:
                continue
            began = time.monotonic()
            document = diagnose(options, notebook)
            if document is None:
                failed += 1
                continue
            documents[notebook.stem] = document
            for answer in answers.compare(notebook, document):
                found.append(answer)
                marks = " ".join(name if getattr(answer, attribute) else "-" * len(name)
                                 for attribute, name in COLUMNS)
                print(f"{answer.place:44} {marks}  {answers.full(answer.cause)}", flush=True)
            trials = document["notebooks"][0]["trials"]["total"]
            print(f"{'':44} {trials} trials, {time.monotonic() - began:.1f} s", flush=True)
    if options.json:
        options.json.write_text(json.dumps(documents), encoding="utf-8")
    if not found:
        return 1

    print_table(found)
    wrong = [answer for answer in found if answer.wrongly_confirmed]
    unsure = [answer for answer in found if not answer.certified]
    right = sum(answer.labelled for answer in found)
    print(f"\n{right} of {len(found)} answered as expected ({100 * right / len(found):.0f} %), "
          f"{len(wrong)} answered wrongly with `confirmed`, {failed} commands failed")
    for answer in found:
        if not (answer.labelled and answer.reproduced and answer.minimised and answer.edit_named):
            print("  " + answer.explain())
    return 1 if wrong or unsure or failed else 0


if __name__ == "__main__":
    sys.exit(main())
