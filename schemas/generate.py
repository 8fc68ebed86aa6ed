#!/usr/bin/env python3
"""Writes the JSON Schema of every command's result document, beside this file.

A schema describes the documents of this version exactly. Fields may be added in a minor version:
whoever reads documents of later versions ignores the fields that it does not know.

    python3 schemas/generate.py           writes the schemas
    python3 schemas/generate.py --check   exits with 1 when a schema differs from what is written
"""
import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
VERSION = "1.1"

TEXT = {"type": "string"}
FLAG = {"type": "boolean"}
NUMBER = {"type": "integer", "minimum": 0}
SECONDS = {"type": "number", "minimum": 0}
GUARANTEE = {"enum": ["1-minimal", "partial", "none"]}
LEVEL = {"enum": ["S", "A", "B", "C", "D"]}
VERDICT = {"enum": ["confirmed", "refuted", "ambiguous", "blocked", "unknown"]}
NOTHING = {"type": "null"}


def listing(items, **more):
    return {"type": "array", "items": items, **more}


def fields(description="", **properties):
    """An object with exactly these fields."""
    schema = {"type": "object", "properties": properties, "required": list(properties),
              "additionalProperties": False}
    return {"description": description, **schema} if description else schema


def maybe(schema):
    return {"anyOf": [NOTHING, schema]}


def note(schema, description):
    return {"description": description, **schema}


def use(name):
    return {"$ref": "#/$defs/" + name}


ORDER = note(listing(NUMBER), "Cells in the order of execution.")
CELLS = listing(NUMBER)

DEFINITIONS = {
    "error": fields(message=TEXT, cause=TEXT, hint=TEXT),
    "snapshots": fields(
        environment=TEXT, python=TEXT, repeats=NUMBER, interrupted=FLAG,
        probes=listing(use("probe"))),
    "probe": fields(
        "One use of a library, forked and compared with fresh processes.",
        name=TEXT, packages=listing(use("package")),
        verdict={"enum": ["safe", "tainted", "unsafe", "not installed", "unusable",
                          "not repeatable"]},
        hazards=note(listing(TEXT), "Why no copy was frozen."),
        children=NUMBER, grandchildren=NUMBER,
        wrong=note(NUMBER, "Branches that computed something else."),
        lost=note(NUMBER, "Branches that hung, died, or could not be forked."),
        detail=maybe(TEXT),
        forced=note(NUMBER, "Branches of a tainted library, forked all the same."),
        forced_failed=NUMBER, wall_s=SECONDS),
    "exception": fields(ename=TEXT, evalue=maybe(TEXT)),
    "package": fields(name=TEXT, version=TEXT),
    "environment": fields(
        name=note(TEXT, "Short, for people."),
        python=note(TEXT, "Version of the interpreter."),
        packages=listing(use("package")),
        hash=note(TEXT, "Of the Python version and the packages."),
        source=note(TEXT, "What named it: --environment, --python, project, PATH, ..."),
        why=note(TEXT, "Why this one was chosen."),
        ipython=note(maybe(TEXT), "Version of the IPython that cells run through."),
        ipython_from={"enum": ["environment", "supply, before", "supply, after", "none"]}),
    "sandbox": fields(
        level={"enum": ["strict", "auto", "off"]},
        layers=listing(TEXT), missing=listing(TEXT),
        remedies=listing(fields(layer=TEXT, why=TEXT, remedy=TEXT)), network=FLAG),
    "limits": fields(
        cell_timeout_s=maybe(SECONDS), budget_s=maybe(SECONDS), memory_bytes=NUMBER,
        output_per_stream_bytes=NUMBER, output_per_run_bytes=NUMBER, files_written_bytes=NUMBER,
        files=note(NUMBER, "That may be written, in a sandbox."),
        processes=note(NUMBER, "With threads, in a sandbox."),
        address_space_bytes=maybe(NUMBER)),
    "trials": fields(total=NUMBER, fresh=NUMBER, branched=NUMBER, warm=NUMBER, cached=NUMBER,
                     dropped=note(NUMBER, "Hypotheses that a fresh run denied.")),
    "requirement": fields(command=TEXT, requirement=TEXT, satisfied=FLAG),
    "stopped_by": {"enum": ["done", "budget", "interrupt"]},
    "outputs": note({"type": "object", "additionalProperties": TEXT}, "Files written."),
    "notebook": fields(path=TEXT, sha256=TEXT, code_cells=NUMBER),
    "seen_crash": fields(
        "A failure that one run showed; `diagnose` investigates it.",
        cell=maybe(fields(index=NUMBER, ordinal=maybe(NUMBER))),
        observed=note(maybe(use("exception")), "null: the process ended in that cell."),
        summary=TEXT),
    "termination": {
        "type": "object",
        "properties": {
            "kind": {"enum": ["exited", "signaled", "timed-out", "limit-exceeded", "killed",
                              "setup-failed"]},
            "code": {"type": "integer"}, "signal": NUMBER,
            "limit": {"enum": ["cell", "budget", "memory", "disk", "output", "processes"]},
            "stage": TEXT, "words": TEXT},
        "required": ["kind", "words"], "additionalProperties": False},
    "cell_outcome": fields(
        position=note(NUMBER, "Place in the order."),
        cell=note(maybe(NUMBER), "null: code that stands in no cell."),
        execution_count=maybe(NUMBER), wall_s=SECONDS, output_truncated=FLAG,
        end={"enum": ["completed", "raised", "interrupted", "not-reached"]},
        raised=maybe(fields(ename=TEXT, evalue=maybe(TEXT), caused_by_limit=FLAG))),
    "reproduction": fields(
        verdict={"enum": ["reproduced", "flaky", "different-crash", "absent", "blocked"]},
        level=maybe(LEVEL), order=ORDER,
        order_from={"enum": ["recorded", "top-to-bottom", "gap-filled", "subset", "searched"]},
        order_why=TEXT, observed=maybe(use("exception")), fresh_runs=NUMBER, matching=NUMBER,
        hash_seeds=listing(NUMBER), why=TEXT,
        stubs=note(listing(TEXT), "Modules that were placeholders.")),
    "certified": fields(
        "Single removals that were seen to make the crash go away.",
        fresh=NUMBER, branched=NUMBER, cached=NUMBER, of=NUMBER),
    "table_size": fields(
        rows=note(NUMBER, "Without the first line."),
        columns=note(NUMBER, "0: lines differ in width."), bytes=NUMBER),
    "changed_value": fields(
        "A value made simpler.",
        row=note(NUMBER, "In the original, as in `rows`."),
        column=note(NUMBER, "In the original, from 1."),
        name=note(maybe(TEXT), "Of the column, by the first line."),
        before=note(TEXT, "Long texts are shortened."), after=TEXT),
    "input": fields(
        path=note(maybe(TEXT), "As the notebook names it; null: its source does not say."),
        position=note(NUMBER, "Place in the order of the first execution that reads it."),
        not_reduced=note(maybe(TEXT), "Why it stays as it is; the rest then says nothing."),
        before=use("table_size"), after=use("table_size"),
        rows=note(listing(listing(NUMBER, minItems=2, maxItems=2)),
                  "Those left: first and last of each stretch, in the original from 1, without "
                  "its first line."),
        values=note(NUMBER, "Values made simpler."), changed=listing(use("changed_value")),
        queries=NUMBER, guarantee=GUARANTEE,
        why_partial=note(maybe(TEXT), "null: the guarantee is another."),
        certified=use("certified"),
        pinned=note(listing(TEXT), "Columns whose type the minimal notebook says."),
        message=note(maybe(TEXT), "Of the crash with the reduced file; null: as before."),
        in_place=note(FLAG, "The minimal notebook reads it at its old path: put it there."),
        file=note(maybe(TEXT), "The file written.")),
    "minimal": fields(
        order=ORDER, guarantee=GUARANTEE, certified=use("certified"),
        queries=NUMBER,
        statements=listing(fields(
            position=note(NUMBER, "Place in the order."), cell=NUMBER,
            lines=note(listing(NUMBER, minItems=2, maxItems=2), "First and last, from 1."),
            source=TEXT)),
        statements_complete=FLAG,
        data=note(maybe(listing(use("input"))), "Files that it reads; null: not asked for."),
        tables=note(listing(TEXT), "That it reads and `minimize --data` can reduce; none once it "
                                   "was asked for."),
        confirmed=fields(fresh_runs=NUMBER, at_s=NUMBER, at_a=NUMBER),
        slipped=note(listing(use("exception")), "Other crashes met on the way."),
        notebook=note(maybe(TEXT), "The file written.")),
    "cause": fields(
        label=TEXT, sublabel=maybe(TEXT), verdict=VERDICT, cells=CELLS,
        edit=note(maybe(fields(kind={"enum": ["skip", "repeat", "move"]}, cells=CELLS)),
                  "What the recorded history did that the passing one does not."),
        explanation=TEXT),
    "experiment": fields(
        factor=TEXT, change=TEXT, outcome=TEXT,
        flips=note(FLAG, "The crashed cell completes, or fails later in another way."),
        fresh_runs=NUMBER, wall_s=SECONDS, cells=CELLS),
    "crash": fields(
        cell=fields(index=NUMBER, ordinal=NUMBER, id=maybe(TEXT)),
        recorded=maybe(fields(ename=TEXT, evalue=maybe(TEXT),
                              execution_count=maybe({"type": "integer"}))),
        crash_type=TEXT, stage=NOTHING, library=maybe(TEXT),
        reproduction=use("reproduction"),
        top_to_bottom=fields(
            outcome={"enum": ["passes", "same", "different", "unresolved", "not-run"]}, why=TEXT),
        minimal=maybe(use("minimal")), cause=maybe(use("cause")),
        experiments=listing(use("experiment")),
        labels=listing(fields(label=TEXT, sublabel=TEXT, verdict=VERDICT, why=TEXT)),
        evidence=listing(TEXT),
        versions=note(maybe(use("versions")), "null: no versions were compared.")),
    "package_boundary": fields(
        name=note(TEXT, "\"python\": the interpreter."),
        last_good=note(maybe(TEXT), "null: not installed on that side."), first_bad=maybe(TEXT)),
    "version_test": fields(
        version=note(TEXT, "The release, or the Python; empty: several packages."),
        set=note(listing(use("package_version")), "In what it differs from the base."),
        removed=listing(TEXT),
        added=note(listing(use("package_version")), "What these need and the base lacks."),
        conflicts=note(listing(use("unmet_requirement")), "Requirements that are not satisfied."),
        replaced=note(listing(fields(**{"name": TEXT, "from": TEXT, "to": maybe(TEXT)})),
                      "Packages whose release has no file for another Python; to null: left out."),
        outcome={"enum": ["passes", "same", "reworded", "different", "unresolved", "not-made",
                          "not-run"]},
        trouble=note(maybe({"enum": ["unbuildable", "missing", "unreachable", "broken"]}),
                     "Why it was not made."),
        observed=maybe(use("exception")), why=TEXT,
        origin=maybe({"enum": ["fresh", "branched", "warm", "cached"]}), wall_s=SECONDS),
    "package_version": fields(name=TEXT, version=TEXT),
    "unmet_requirement": fields(
        package=note(TEXT, "Who requires it."), version=TEXT,
        requires=note(TEXT, "The package that is required."),
        specifier=note(TEXT, "Of PEP 440; empty: every version would do."),
        present=note(maybe(TEXT), "The version that is there; null: none.")),
    "version_side": fields(
        "Fresh runs at one side of the boundary.",
        fresh_runs=NUMBER, matching=NUMBER, hash_seeds=listing(NUMBER), test=use("version_test")),
    "versions": fields(
        mode={"enum": ["package", "environments", "python-versions"]}, verdict=VERDICT, why=TEXT,
        packages=listing(use("package_boundary")), tested=listing(use("version_test")),
        interval=note(maybe(fields(last_good=maybe(TEXT), first_bad=maybe(TEXT),
                                   between=listing(TEXT))),
                      "Releases between the two say nothing; null: they are neighbours."),
        against=note(listing(TEXT), "Versions that are unlike what lies on their side."),
        releases=note(NUMBER, "That could be tried."),
        tried=note(NUMBER, "Distinct ones, confirmations apart."),
        most_tried=note(NUMBER, "The bound; 0: no search over releases."),
        unbuildable=note(NUMBER, "Releases left out: only their source exists."),
        confirmations=fields(good=maybe(use("version_side")), bad=maybe(use("version_side"))),
        corners=maybe(fields(
            first=use("package_boundary"), second=use("package_boundary"),
            both_good=use("version_test"), first_bad=use("version_test"),
            second_bad=use("version_test"), both_bad=use("version_test"), only_together=FLAG)),
        requirement=note(maybe(TEXT), "The requirement line that fixes the notebook."),
        companions=note(listing(fields(name=TEXT, version=TEXT, was=maybe(TEXT))),
                        "Packages in another release than the environment's, on both sides."),
        held=note(listing(use("unmet_requirement")),
                  "Requirements that held packages do not satisfy.")),
    "order_outcome": fields(
        end={"enum": ["passes", "crashes", "unresolved", "not-run"]},
        position=note(maybe(NUMBER), "Of the execution that crashed, in the order run."),
        cell=note(maybe(NUMBER), "Its cell."),
        observed=maybe(use("exception")), why=TEXT,
        origin=note(maybe({"enum": ["fresh", "branched", "warm", "cached"]}),
                    "How it is known; null: it was not run."),
        as_base=note(FLAG, "It crashes as the base order does.")),
    "tried_order": fields(**{"from": TEXT, "why": TEXT, "order": ORDER,
                             "outcome": use("order_outcome")}),
    "map_entry": fields(
        cell=NUMBER, position=note(NUMBER, "In the base order."),
        change={"enum": ["skip", "repeat", "swap"]},
        before=note(maybe(NUMBER), "Of a swap: the conflicting predecessor; null: there is none."),
        order=note(listing(NUMBER), "What was run: shared with the base order up to the change, "
                                    "then what the change can affect, and what that needs."),
        affected=NUMBER, outcome=use("order_outcome"),
        denied=note(FLAG, "A branched run crashed and a fresh one did not: dropped.")),
    "comparison": fields(
        passing=fields(order=ORDER, outcome=use("order_outcome")),
        failing=fields(order=ORDER, outcome=use("order_outcome")),
        verdict=VERDICT, why=TEXT,
        edit=note(maybe(fields(
            kind={"enum": ["insert", "delete", "insert and delete", "move"]}, cells=CELLS,
            pairs=note(listing(fields(first=NUMBER, second=NUMBER)),
                       "Moves: second runs behind first in the passing order, and before it in "
                       "the failing one."),
            along=note(NUMBER, "The last pairs only come along: they cannot stay."))),
            "What makes the passing order fail."),
        with_edit=maybe(use("tried_order")), without_edit=maybe(use("tried_order")),
        pairs=note(NUMBER, "Conflicting pairs that the two orders have inverted."),
        tests=note(NUMBER, "Orders tested in between, confirmations included."),
        most_tests=note(NUMBER, "The bound where one pair decides; 0: none was looked for."),
        interval=note(maybe(listing(NUMBER, minItems=2, maxItems=2)),
                      "Steps of the walk between which it lies, when others say nothing.")),
    "interpreter": fields(
        executable=TEXT, version=TEXT, libpython=maybe(TEXT), found_by=TEXT, worker=FLAG,
        ipython=note(maybe(TEXT), "The one that comes along."), usable=FLAG),
    "machine": fields(
        system=TEXT, kernel=TEXT, cores=NUMBER, memory_bytes=NUMBER, memory_available_bytes=NUMBER,
        memory_from_cgroup=FLAG, root=FLAG, user_namespaces=maybe(FLAG),
        cgroup=maybe({"enum": ["v1", "v2"]})),
}

# What every notebook of a document has.
COMMON = dict(
    notebook=use("notebook"), environment=maybe(use("environment")), sandbox=use("sandbox"),
    limits=use("limits"), seed=maybe(NUMBER), trials=use("trials"), wall_s=SECONDS,
    stopped_by=use("stopped_by"), outputs=use("outputs"))
AFTERWARDS = dict(
    requirements=note(listing(use("requirement")), "What the notebook asked pip or conda for."),
    taints=note(listing(fields(cell=maybe(NUMBER), hazard=TEXT)),
                "Why processes could not be forked after a cell: it cost time only."),
    notes=listing(TEXT), environment_change=maybe(TEXT), problem=maybe(use("error")))

FINDING = fields(**{
    **COMMON,
    "notebook": fields(
        path=TEXT, sha256=TEXT, code_cells=NUMBER,
        code_cell_indices=note(CELLS, "Their place among all cells, in order.")),
    "crashes": listing(use("crash")),
    "ran_clean": note(FLAG, "No crash was recorded, and top to bottom nothing raised."),
    **AFTERWARDS})
RUN = fields(**COMMON, crashes=listing(use("seen_crash")), passed=FLAG, order=ORDER, summary=TEXT,
             cells=listing(use("cell_outcome")), termination=maybe(use("termination")),
             python_stack=maybe(TEXT), **AFTERWARDS)
TEST = fields(**COMMON, crashes=listing(use("seen_crash")),
              status={"enum": ["passed", "failed", "error", "skipped"]}, cells_run=NUMBER,
              summary=TEXT, traceback=TEXT, cause=maybe(TEXT))
ORDERS = fields(**{
    **COMMON,
    "notebook": FINDING["properties"]["notebook"],
    "safety": fields(
        answer={"enum": ["safe", "unsafe", "unknown"]},
        cell=note(maybe(NUMBER), "The first that is not safe to run twice."),
        run=note(maybe(use("tried_order")), "The fresh run that showed it.")),
    "base": fields(**{"order": CELLS, "from": {"enum": ["", "given", "recorded", "top-to-bottom"]},
                      "outcome": use("order_outcome")}),
    "measured": note(FLAG, "Conflicts were seen while the base order ran."),
    "incomplete": note(CELLS, "Of these something may have gone unseen; their text counts, too."),
    "conflicts": listing(fields(first=NUMBER, second=NUMBER, through=listing(TEXT))),
    "map": listing(use("map_entry")), "orders": listing(use("tried_order")),
    "comparison": note(maybe(use("comparison")), "When two orders were given; no map then."),
    "cost": fields(
        base_s=note(SECONDS, "The base order, once."),
        executed_s=note(SECONDS, "All cells that were executed."),
        base_runs=note(SECONDS, "Executed, each cell at what it took in the base order."),
        base_runs_from_top=note(SECONDS, "Of the same trials, had each run all its cells.")),
    **AFTERWARDS})
VERIFY = fields(
    rows=NUMBER, resumed=note(NUMBER, "Judged by an earlier call."),
    verdicts=fields(**{name: NUMBER for name in VERDICT["enum"] + ["not-judged"]}),
    outputs=fields(csv=TEXT, jsonl=TEXT))
DOCTOR = fields(
    ready=FLAG, machine=use("machine"), workers=listing(TEXT),
    interpreters=listing(use("interpreter")), jobs=NUMBER, limits=use("limits"),
    missing_limits=listing(TEXT), sandbox=use("sandbox"),
    cache=fields(folder=TEXT, size_bytes=NUMBER),
    packaging=fields(
        "The tools that make environments, and their store.",
        available=FLAG, folder=TEXT, environments=NUMBER, packages=NUMBER, packages_bytes=NUMBER,
        index=note(maybe(fields(reachable=FLAG, problem=TEXT)), "Only with --index.")),
    lacks=listing(fields(what=TEXT, how=TEXT)),
    snapshots=note(maybe(use("snapshots")), "Only with --snapshots."))

LOCK = dict(
    python=TEXT, hash=note(TEXT, "Of all of it."),
    packages=listing(fields(name=TEXT, version=TEXT, hashes=listing(TEXT))))
STORED = fields(
    hash=TEXT, folder=TEXT, python=TEXT, packages=listing(use("package")),
    size_bytes=note(NUMBER, "Without its packages, which are shared."), made=TEXT, used=TEXT)
REMOVAL = fields(removed=note(listing(TEXT), "Hashes of environments."), freed_bytes=NUMBER)
ENV = {
    "infer": dict(notebooks=listing(fields(
        notebook=TEXT,
        plan=maybe(fields(
            python=TEXT, executable=TEXT, python_why=TEXT,
            requirements=listing(TEXT), constraints=listing(TEXT), lock=maybe(fields(**LOCK)),
            requires_python=TEXT, source=TEXT, why=TEXT, as_of=maybe(TEXT),
            unknown=note(listing(TEXT), "Imports that no package is known for."),
            notes=listing(TEXT))),
        error=maybe(use("error"))))),
    "create": dict(created=listing(fields(
        notebook=maybe(TEXT), folder=maybe(TEXT), virtual_environment=FLAG,
        environment=maybe(use("environment")), lock_hash=maybe(TEXT),
        error=maybe(use("error"))))),
    "lock": dict(lock=fields(**LOCK, file=maybe(TEXT), notes=listing(TEXT))),
    "list": dict(store=fields(folder=TEXT, environments=listing(STORED), packages=NUMBER,
                              packages_bytes=NUMBER)),
    "show": dict(environment={
        **DEFINITIONS["environment"],
        "properties": {**DEFINITIONS["environment"]["properties"], "folder": TEXT},
        "required": DEFINITIONS["environment"]["required"] + ["folder"]}),
    "remove": dict(removal=REMOVAL),
    "prune": dict(removal=REMOVAL),
}

DOCUMENTS = {
    "diagnose": dict(notebooks=listing(FINDING)),
    "reproduce": dict(notebooks=listing(FINDING)),
    "minimize": dict(notebooks=listing(FINDING)),
    "bisect": dict(notebooks=listing(FINDING)),
    "run": dict(notebooks=listing(RUN)),
    "test": dict(totals=fields(passed=NUMBER, failed=NUMBER, errors=NUMBER, skipped=NUMBER),
                 notebooks=listing(TEST)),
    "orders": dict(notebooks=listing(ORDERS)),
    "verify": dict(verify=VERIFY),
    "doctor": dict(doctor=DOCTOR),
    "env": dict(env={"oneOf": [fields(action={"const": action}, **parts)
                               for action, parts in ENV.items()]}),
}


def names_used(schema):
    """Of the definitions that a schema refers to, directly or through others."""
    found, waiting = set(), [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            name = part.get("$ref", "").rpartition("/")[2]
            if name and name not in found:
                found.add(name)
                waiting.append(DEFINITIONS[name])
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
    return found


def document(command, parts):
    schema = fields(
        schema_version={"const": VERSION},
        tool=fields(name={"const": "nbreplay"}, version=TEXT),
        command={"const": command}, **parts)
    used = names_used(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Result of nbreplay %s" % command,
            "description": "Cells are zero-based indices over all cells of the file.",
            **schema,
            "$defs": {name: DEFINITIONS[name] for name in DEFINITIONS if name in used}}


def main():
    check = "--check" in sys.argv[1:]
    stale = []
    for command, parts in DOCUMENTS.items():
        file = FOLDER / (command + ".schema.json")
        text = json.dumps(document(command, parts), indent=2) + "\n"
        if check and (not file.is_file() or file.read_text(encoding="utf-8") != text):
            stale.append(file.name)
        elif not check:
            file.write_text(text, encoding="utf-8")
    for name in stale:
        print("%s is not what generate.py writes: run schemas/generate.py" % name)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
