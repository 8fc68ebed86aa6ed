"""What can be known of cells without running them: the fields of protocol::WireCellFacts.

Nothing of the notebook runs and no source is too strange for an answer. Names are judged with
the whole notebook in view: what some cell imports is a module in every cell, what some cell
defines as a function is known by what it changes, and a builtin that some cell rebinds is a name
like any other.
"""
import ast
import re
import warnings

from . import wire
from .calls import Calls, aliases_of, constants_of
from .checking import REFUSALS, compile_code, safe_to_compile
from .edits import Editor
from .magics import split_lines, transform
from .names import PROVIDED, CellNames, Context, names_of_cell
from .scopes import FunctionNames, bound_names
from .statements import statements_of

MAX_SOURCE = 4 * 1024 * 1024     # characters: longer cells are not analysed
MAX_NAMES = 2000                 # of one statement
MAX_TEXT = 4096                  # characters of one path or key
MAX_REPLY = 24 * 1024 * 1024     # characters of statements and edits of all cells
MAX_WORK = 3 * 1024 * 1024       # bytes compiled to check the edits of one cell

_BINDING_LINE = re.compile(r"(?:(?:async\s+)?def|class)\s+([^\W\d]\w*)|"
                           r"([^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)*)\s*(?::[^=]+)?=(?!=)|"
                           r"(?:import\s+[\w.]+|from\s+[\w.]+\s+import\s+\w+)\s+as\s+([^\W\d]\w*)|"
                           r"import\s+([^\W\d]\w*)")


def parse_cells(sources):
    """One tuple of WireCellFacts for each source."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "invalid escape sequence" is the notebook's affair
        plains = [_transformed(source) for source in sources]
        notebook = _Notebook(plains)
        left = MAX_REPLY
        answers = []
        for source, plain in zip(sources, plains):
            answer = _facts(source, plain, notebook, left)
            left -= _size(answer)
            answers.append(answer)
        return answers


def _transformed(source):
    if len(source) > MAX_SOURCE:
        return None
    return transform(source)


class _Notebook(Context):
    """What the cells together say about names."""

    def __init__(self, plains):
        super().__init__()
        self.aliases, self.constants = {}, {}
        trees = [plain.tree for plain in plains if plain is not None and plain.tree is not None]
        for tree in trees:
            try:
                self._add(tree)
            except RecursionError:
                pass
        self.constants = {name: text for name, text in self.constants.items() if text is not None}

    def _add(self, tree):
        aliases = aliases_of(tree)
        self.modules.update(aliases)
        self.aliases.update(aliases)
        for name, text in constants_of(tree).items():
            known = self.constants.setdefault(name, text)
            self.constants[name] = text if known == text else None
        self.rebound |= bound_names(tree.body)[0] & PROVIDED
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.functions[node.name] = FunctionNames(node, node.body, [],
                                                          self.modules.__contains__)


def _empty(problem="", opaque=False, definitions=()):
    return (problem, list(definitions), [], [], [], [], [], [], [], [], [], [], opaque, False,
            False)


def _size(answer):
    return len(repr(answer[9])) + len(repr(answer[10]))


def _facts(source, plain, notebook, left):
    if plain is None:
        return _empty(opaque=True)
    if plain.tree is None:
        return _empty(_problem(plain), definitions=_recovered(plain, notebook))
    try:
        if safe_to_compile(plain.tree):
            compile_code(plain.tree)
    except SyntaxError as error:
        plain.problem, plain.problem_line = str(error.msg), error.lineno or 0
        return _empty(_problem(plain), definitions=_recovered(plain, notebook))
    except (ValueError, RecursionError, MemoryError):
        pass
    try:
        return _known(source, plain, notebook, left)
    except (RecursionError, MemoryError):
        return _empty(opaque=True)


def _problem(plain):
    problem = wire.clip(plain.problem or "it does not parse", 1000)
    return "%s (line %d)" % (problem, plain.problem_line) if plain.problem_line else problem


def _pairs(names):
    return sorted(names.items(), key=lambda item: (item[1], item[0]))[:wire.MAX_FACTS]


def _recovered(plain, notebook):
    """Names that a cell would bind if it parsed, from what of it does."""
    found = {}
    for number, line in enumerate(split_lines(plain.text)[:wire.MAX_FACTS], 1):
        if line[:1].isspace():
            continue
        try:
            names = CellNames(notebook)
            names.visit(ast.parse(line.strip()))
            bound = names.definitions()
        except REFUSALS:
            match = _BINDING_LINE.match(line)
            text = next((group for group in match.groups() if group), "") if match else ""
            bound = [name.strip() for name in text.split(",") if name.strip()]
        for name in bound:
            found.setdefault(name, number)
    return _pairs(found)


def _known(source, plain, notebook, left):
    names = names_of_cell(plain, notebook)
    aliases = dict(notebook.aliases)
    aliases.update(aliases_of(plain.tree))
    constants = dict(notebook.constants)
    constants.update(constants_of(plain.tree))
    calls = Calls(aliases, constants)
    calls.visit(plain.tree)
    for line, magic in sorted(plain.magics.items()):
        calls.files += [(path, "%%writefile", True, line) for path in magic.writes]
    statements, edits = _statements(source, plain, notebook, left)
    keys = [wire.clip(key, MAX_TEXT) for key in list(calls.keys)[:wire.MAX_FACTS]]
    files = [(wire.clip(path, MAX_TEXT), wire.clip(call, 1000), write, line)
             for path, call, write, line in calls.files[:wire.MAX_FACTS]]
    return ("", _pairs(names.definitions()), _pairs(names.possible_definitions()),
            _pairs(names.uses), _pairs(names.deferred), _pairs(names.mutations),
            _pairs(names.deletions), calls.imports[:wire.MAX_FACTS], files, statements, edits,
            keys, names.opaque, calls.random, calls.seeds)


def _statements(source, plain, notebook, left):
    found = statements_of(plain, source, wire.MAX_FACTS)
    statements = [(one.parent, one.begin, one.end, one.first_line, one.last_line, one.kind)
                  + _names_of(one.node, plain, notebook) for one in found]
    left -= len(repr(statements))
    if left < 0:
        return [], []
    edits = Editor(plain, source, found, wire.MAX_FACTS, MAX_WORK).edits()
    return statements, _within(edits, left)


def _names_of(node, plain, notebook):
    """(names that a statement binds, names that it reads), whatever scope it stands in."""
    names = CellNames(notebook, plain.magics)
    names.visit(node)
    uses = dict(names.deferred)
    uses.update(names.uses)
    return (sorted(names.binds)[:MAX_NAMES], sorted(uses)[:MAX_NAMES])


def _within(edits, left):
    """As many edits as fit."""
    kept = []
    for edit in edits:
        left -= len(edit[3]) + 100
        if left < 0:
            break
        kept.append(edit)
    return kept
