"""The names of the notebook's namespace that a cell needs and leaves behind.

An abstract run of the cell: `bound` holds what is bound on every path to here, and is None where
no path leads (after a raise). Where paths meet, what only some of them bound is kept as possible.
"""
import ast
import builtins
import re

from . import scopes
from .checking import REFUSALS
from .magics import placeholder

# What a notebook finds bound without binding it.
PROVIDED = frozenset(dir(builtins)) | frozenset("""
    get_ipython display exit quit In Out _ __ ___ _i _ii _iii _ih _oh _dh __name__ __file__
    __builtins__ __doc__ __annotations__ __session__ __vsc_ipynb_file__ copyright credits license
    WindowsError """.split())
_NUMBERED = re.compile(r"_i?\d+$")  # _3, _i3: what In[3] gave and was
_SWALLOWING = ("suppress", "raises", "assertRaises")


def _join(first, second):
    if first is None:
        return second
    if second is None:
        return first
    return first & second


class Context:
    """What is known of the whole notebook before its cells are looked at one by one."""

    def __init__(self):
        self.modules = set()    # names that an import binds in some cell
        self.functions = {}     # name: FunctionNames of the notebook's functions
        self.rebound = set()    # names of builtins that some cell binds


class CellNames(scopes.Names):
    def __init__(self, context, magics=None, local=False):
        super().__init__()
        self.context = context
        self.magics = magics or {}
        self.local = local
        self.bound = set()
        self.binds, self.uses, self.deferred = {}, {}, {}
        self.mutations, self.deletions = {}, {}
        self.imported = set()
        self.functions = {}
        self._records = []
        self._reading = set()

    # ---- results ----------------------------------------------------------------------------

    def definitions(self):
        sure = self.bound or set()
        return {name: line for name, line in self.binds.items() if name in sure}

    def possible_definitions(self):
        sure = self.bound or set()
        return {name: line for name, line in self.binds.items()
                if name not in sure and name not in self.deletions}

    # ---- hooks ------------------------------------------------------------------------------

    def provided(self, name):
        if name in self.context.rebound:
            return False
        return name in PROVIDED or _NUMBERED.match(name) is not None

    def on_read(self, name, line):
        if not self.provided(name) and (self.bound is None or name not in self.bound):
            self.uses.setdefault(name, line)
        record = self.functions.get(name)
        if record is None or name in self._reading:
            return
        self._reading.add(name)  # what a function reads is read where it may be called
        for free in record.reads:
            self.on_read(free, line)
        self._reading.discard(name)

    def on_bind(self, name, line):
        self.binds.setdefault(name, line)
        self.deletions.pop(name, None)
        self.functions.pop(name, None)
        self.imported.discard(name)
        if self.bound is not None:
            self.bound.add(name)

    def on_maybe_bind(self, name, line):
        self.binds.setdefault(name, line)

    def on_delete(self, name, line):
        self.deletions.setdefault(name, line)
        if self.bound is not None:
            self.bound.discard(name)

    def on_mutate(self, name, line):
        if not self.provided(name):
            self.mutations.setdefault(name, line)

    def on_import(self, name):
        if not self.is_local(name):
            self.imported.add(name)

    def is_module(self, name):
        if name in self.imported:
            return True
        return name in self.context.modules and name not in self.binds

    def record_of(self, name):
        if name in self.functions:
            return self.functions[name]
        return None if name in self.binds else self.context.functions.get(name)

    def function(self, node, body):
        record = scopes.FunctionNames(node, body, self.scopes, self.is_module)
        self.opaque = self.opaque or record.opaque
        own = getattr(node, "name", None)
        self._defer(record, own)
        self._records.append(record)
        if own and not self.scopes:
            self.functions[own] = record
        return record

    def _defer(self, record, own):
        for name, line in record.reads.items():
            if name != own and not self.provided(name):
                self.deferred.setdefault(name, line)
        for name, line in record.binds.items():
            self.binds.setdefault(name, line)

    def called_lambda(self, node):
        self._visit_signature(node)
        record = self.function(node, [node.body])
        for name, line in record.reads.items():
            self.on_read(name, line)
        for name, line in record.mutations.items():
            self.on_mutate(name, line)

    # ---- parts that may not run -------------------------------------------------------------

    def _perhaps(self, nodes):
        before = None if self.bound is None else set(self.bound)
        self.visit_all(nodes)
        self.bound = before

    def visit_BoolOp(self, node):
        self.visit(node.values[0])
        self._perhaps(node.values[1:])

    def visit_IfExp(self, node):
        self.visit(node.test)
        self._branches([node.body], [node.orelse])

    def _comprehension(self, node):
        before = None if self.bound is None else set(self.bound)
        super()._comprehension(node)
        self.bound = before

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def _branches(self, *branches):
        before, after = self.bound, None
        for branch in branches:
            self.bound = None if before is None else set(before)
            self.visit_all(branch)
            after = _join(after, self.bound)
        self.bound = after

    # ---- statements -------------------------------------------------------------------------

    def visit_Assign(self, node):
        super().visit_Assign(node)
        target = node.targets[0]
        if isinstance(node.value, ast.Lambda) and isinstance(target, ast.Name) and not self.scopes:
            self.functions[target.id] = self._records[-1]

    def visit_ClassDef(self, node):
        start = len(self._records)
        super().visit_ClassDef(node)
        if not self.scopes:
            self.functions[node.name] = _Together(self._records[start:])

    def visit_If(self, node):
        self.visit(node.test)
        if _is_main(node.test):
            self.visit_all(node.body)
        else:
            self._branches(node.body, node.orelse)

    def visit_For(self, node):
        self.visit(node.iter)
        self._loop([node.target] + node.body, node.orelse)

    visit_AsyncFor = visit_For

    def visit_While(self, node):
        self.visit(node.test)
        if not (isinstance(node.test, ast.Constant) and node.test.value):
            self._loop(node.body, node.orelse)
            return
        # The body runs at least up to the first statement that may leave the loop.
        until = next((index for index, inner in enumerate(node.body) if _may_leave(inner)), None)
        if until is None:
            self.visit_all(node.body)
            self.bound = None
            return
        self.visit_all(node.body[:until])
        self._perhaps(node.body[until:])

    def _loop(self, body, otherwise):
        self._perhaps(body)
        if otherwise:
            self._branches(otherwise, [])

    def visit_Try(self, node):
        before = None if self.bound is None else set(self.bound)
        self.visit_all(node.body)
        self.visit_all(node.orelse)
        after = self.bound
        for handler in node.handlers:
            self.bound = None if before is None else set(before)
            self.visit(handler)
            after = _join(after, self.bound)
        if node.finalbody:
            # What the last block reads may be reached from anywhere before it.
            self.bound = None if before is None else set(before)
            self.visit_all(node.finalbody)
            if self.bound is None or before is None:
                self.bound = None
            elif after is not None:
                self.bound = (after | (self.bound - before)) - (before - self.bound)
            else:
                self.bound = None
            return
        self.bound = after

    visit_TryStar = visit_Try

    def visit_ExceptHandler(self, node):
        known = node.name in self.binds
        super().visit_ExceptHandler(node)
        if not node.name or self.scopes:
            return
        if self.bound is not None:  # the name is unbound at the handler's end
            self.bound.discard(node.name)
        if not known:
            self.binds.pop(node.name, None)

    def visit_With(self, node):
        swallowing = False
        before = None if self.bound is None else set(self.bound)
        for item in node.items:
            self.visit(item.context_expr)
            self.visit_all([item.optional_vars])
            func = getattr(item.context_expr, "func", None)
            name = getattr(func, "attr", getattr(func, "id", None))
            swallowing = swallowing or name in _SWALLOWING
        self.visit_all(node.body)
        if swallowing:
            self.bound = before

    visit_AsyncWith = visit_With

    def visit_Match(self, node):
        self.visit(node.subject)
        before, after, complete = self.bound, None, False
        for case in node.cases:
            self.bound = None if before is None else set(before)
            self.visit(case.pattern)
            self.visit_all([case.guard])
            self.visit_all(case.body)
            after = _join(after, self.bound)
            complete = complete or (case.guard is None and type(case.pattern).__name__ == "MatchAs"
                                    and case.pattern.pattern is None)
        self.bound = after if complete else _join(after, before)

    def visit_Assert(self, node):
        self.visit(node.test)
        self._perhaps([node.msg])

    def _leave(self, node):
        self.visit_children(node)
        self.bound = None

    visit_Raise = visit_Return = visit_Break = visit_Continue = _leave

    # ---- magics -----------------------------------------------------------------------------

    def visit_Expr(self, node):
        magic = self.magics.get(node.lineno)
        named = isinstance(node.value, ast.Name) and node.value.id == placeholder(node.lineno)
        if magic is None or not named:
            self.visit_children(node)
            return
        self.opaque = self.opaque or magic.opaque
        for source, keeps in magic.code:
            self._run(source, node.lineno, keeps)
        for name in magic.reads:
            self.on_read(name, node.lineno)
        for name in magic.binds:
            self.bind(name, node.lineno)
        for name in magic.deletes:
            self.on_read(name, node.lineno)
            self.on_delete(name, node.lineno)

    def _run(self, source, line, keeps):
        try:
            tree = ast.parse(source.strip())
        except REFUSALS:
            return
        ast.increment_lineno(tree, line - 1)
        if keeps:
            self.visit(tree)
            return
        binds, bound, deletions = dict(self.binds), self.bound, dict(self.deletions)
        self.bound = None if bound is None else set(bound)
        self.visit(tree)
        self.binds, self.bound, self.deletions = binds, bound, deletions


class _Together:
    """The names of several functions: the methods of a class."""

    def __init__(self, records):
        self.reads, self.binds, self.mutations = {}, {}, {}
        self.changes, self.changed_names = set(), set()
        for record in records:
            self.reads.update(record.reads)
            self.binds.update(record.binds)
            self.mutations.update(record.mutations)


def _is_main(test):
    """Whether it is the question that a script asks, whose answer is yes in a notebook."""
    return (isinstance(test, ast.Compare) and isinstance(test.left, ast.Name)
            and test.left.id == "__name__" and isinstance(test.ops[0], ast.Eq)
            and getattr(test.comparators[0], "value", None) == "__main__")


def _may_leave(statement):
    return any(isinstance(node, (ast.Break, ast.Continue)) for node in ast.walk(statement))


def names_of_cell(plain, context):
    """CellNames of a transformed cell that parses."""
    names = CellNames(context, plain.magics, plain.local)
    names.visit_all(plain.tree.body)
    if plain.local:
        kept = {name for magic in plain.magics.values() for name in magic.binds}
        names.binds = {name: line for name, line in names.binds.items() if name in kept}
        names.deletions = {}
    return names
