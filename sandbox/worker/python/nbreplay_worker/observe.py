"""Which global names each cell reads, binds and changes in place, as it runs.

Code is compiled with the markers of blocks.py; what a cell did is what the blocks that ran say, in
the order in which they ran, so that a name that the cell bound before it read it is not one that
it needs. Bindings are compared before and after, contents by fingerprints.py.
"""
import ast
import builtins
import re
import sys
import types

from . import blocks, fingerprints
from .names import PROVIDED

MAX_NAMES = 5000
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_SHOWN = re.compile(r"_{1,3}$|_oh$|Out$|_\d+$")  # what earlier cells displayed
# Compile functions from their bytecode, however they come by them.
_COMPILERS = ("numba", "taichi", "triton")


class _Seen(dict):
    """The numbers of blocks that ran, in order. A constant of code objects, which are hashed,
    compared and pickled with their constants: in another process nobody looks at it."""

    __hash__ = object.__hash__
    __eq__ = object.__eq__
    __ne__ = object.__ne__

    def __reduce__(self):
        return dict, ()

    __reduce_ex__ = lambda self, protocol: (dict, ())  # noqa: E731


class Observer:
    """Watches the cells of one namespace. It is on between `start` and `finish`."""

    def __init__(self, namespace):
        self._namespace = namespace
        self._initial = dict(namespace)
        self._blocks = []
        self._modules = set()
        self._known = set()      # names that functions of earlier cells read
        self._functions = {}     # names of functions without markers: their Facts
        self._seen = _Seen()
        self._on = self._complete = False
        self._before = self._prints = None

    @property
    def on(self):
        return self._on

    def start(self, source):
        self._seen.clear()
        self._complete = self._on = True
        try:
            self._start(source)
        except Exception:  # The cell runs, whatever becomes of watching it.
            self._complete = False

    def _start(self, source):
        self._before = self._prints = None
        names = set(_IDENTIFIER.findall(source)) | self._known
        self._before = {name: id(value) for name, value in self._namespace.items()}
        self._prints = fingerprints.Prints(self._namespace)
        self._prints.take(name for name in names if self._is_own(name))

    def compile(self, tree, sure, compile_tree):
        """What `compile_tree(tree)` gives, with markers. Its code is about to run."""
        number = None
        try:
            number = self._mark(tree, sure)
        except Exception:  # too deeply nested, most likely: as far as it got, it is valid
            self._complete = False
        code = compile_tree(tree)
        code = _with_record(code, self._seen)
        if number is not None:
            self._seen[number] = None
        return code

    def _mark(self, tree, sure):
        first = len(self._blocks)
        marking = blocks.Marking(self._blocks, self._modules, not _compilers_about())
        for name, value in self._namespace.items():
            if issubclass(type(value), types.ModuleType):
                self._modules.add(name)
        if isinstance(tree, ast.Expression):
            tree.body, number = marking.eval(tree.body, sure)
        else:
            tree.body, number = marking.module(tree.body, sure)
        for block in self._blocks[first:]:
            self._known |= block.reads
        return number

    # ---- the end of a cell -----------------------------------------------------------------

    def finish(self):
        """The fields of protocol::WireObserved."""
        self._on = False
        try:
            return self._finish()
        except Exception:
            return [], [], [], False

    def _finish(self):
        found = self._collect()
        if found.opaque:
            self._complete = False
        after = {name: id(value) for name, value in list(self._namespace.items())}
        for name in set(after) | set(self._before):
            if after.get(name) != self._before.get(name):
                found.writes.add(name)
        changes = self._changes(found)
        self._prints = None
        reads = self._reported(found.reads)
        writes = {name for name in found.writes if self._is_written(name)}
        if self._shows():
            writes.add("Out")
        for names in (reads, writes, changes):
            if len(names) > MAX_NAMES:
                self._complete = False
        return (sorted(reads)[:MAX_NAMES], sorted(writes)[:MAX_NAMES],
                sorted(changes)[:MAX_NAMES], self._complete)

    def _collect(self):
        """What the blocks that ran did together; `reads` are what the cell needs from before."""
        found = blocks.Facts()
        done = []      # (guard, names bound for sure) of the cell's own blocks that are over
        current = None
        for number in list(self._seen):
            block = self._blocks[number]
            if block.guard is not None:
                if current is not None:
                    done.append((current.guard, current.definite))
                current = block
            guard = current.guard if current is not None else ()
            bound = set()
            for other, names in done:
                if guard[:len(other)] == other:
                    bound |= names
            reads, writes, mutations = set(block.reads), block.writes, set(block.mutations)
            self._functions.update(block.functions)
            for name in self._called(reads | set(block.functions)):
                facts = self._functions[name]
                if name in reads:
                    reads |= facts.reads
                    writes = writes | facts.writes
                    mutations |= facts.mutations
                    found.opaque = found.opaque or facts.opaque
            for name in block.writes - set(block.functions):
                self._functions.pop(name, None)
            found.reads |= reads - bound
            found.writes |= writes
            found.mutations |= mutations
            found.opaque = found.opaque or block.opaque
        return found

    def _called(self, names):
        """Functions without markers that are reached from the names."""
        found, stack = [], list(names)
        while stack:
            name = stack.pop()
            if name in self._functions and name not in found:
                found.append(name)
                stack.extend(self._functions[name].reads)
        return found

    def _changes(self, found):
        candidates = {name for name in found.reads | found.mutations if self._is_own(name)}
        changed, complete = self._prints.changed(candidates, found.mutations, self._is_own)
        self._complete = self._complete and complete
        return changed

    # ---- names -----------------------------------------------------------------------------

    def _is_own(self, name):
        """Whether the notebook bound it."""
        missing = object()
        value = self._namespace.get(name, missing)
        if value is missing or name.startswith("_nbreplay") or name in _HISTORY:
            return False
        return self._initial.get(name, missing) is not value

    def _reported(self, names):
        reported = set()
        for name in names:
            if _SHOWN.match(name):
                if name in self._namespace:
                    reported.add("Out")
                continue
            provided = name in PROVIDED or hasattr(builtins, name)
            if self._is_own(name) or name in self._before and name not in self._initial:
                reported.add(name)
            elif not provided and name not in self._initial:
                reported.add(name)  # it is not there: that, too, may change
        return reported

    def _is_written(self, name):
        return name not in _HISTORY and not _SHOWN.match(name)

    def _shows(self):
        return id(self._namespace.get("_")) != self._before.get("_", id(None))


class _History:
    """What IPython itself binds with every cell."""

    _PATTERN = re.compile(r"_i{1,3}$|_i\d+$|_ih$|_dh$|In$|_exit_code$|__builtins__$|"
                          r"__annotations__$")

    def __contains__(self, name):
        return self._PATTERN.match(name) is not None


_HISTORY = _History()


def _compilers_about():
    return any(name in sys.modules for name in _COMPILERS)


def _with_record(code, seen):
    """The code with `seen` in place of the token, in the code of its functions, too."""
    constants, changed = [], False
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            replaced = _with_record(constant, seen)
        elif constant is blocks.TOKEN or (type(constant) is str and constant == blocks.TOKEN):
            replaced = seen
        else:
            replaced = constant
        changed = changed or replaced is not constant
        constants.append(replaced)
    return code.replace(co_consts=tuple(constants)) if changed else code
