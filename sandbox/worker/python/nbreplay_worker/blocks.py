"""What each stretch of a cell's code does with global names, and where to mark that it ran.

A block is code that runs from its start to its end unless something raises: the simple statements
of a body up to and including the head of the next compound one. What it reads and binds is known
from its text; that it ran is what a marker at its start records, `seen[k] = None`, where `seen` is
no name but a constant of the code (observe.py puts it there). Functions keep their markers, so
that a later cell that calls them is seen to do what they do.
"""
import ast
import re

from . import magics, scopes
from .checking import REFUSALS

#: Stands for the record of blocks that ran, until the code is compiled.
TOKEN = "\x00nbreplay: blocks that ran\x00"
# Decorators that read a function's bytecode, in which a marker means nothing to them.
_COMPILERS = {"jit", "njit", "vectorize", "guvectorize", "cfunc", "stencil", "kernel", "numba",
              "nb", "cuda", "taichi", "ti", "triton", "generated_jit", "overload"}
_AT_NAME = re.compile(r"@([^\W\d]\w*)")
_NAME = re.compile(r"[^\W\d]\w*")
_COMPOUND = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.With, ast.AsyncWith)
_NAMESPACES = {"user_ns", "user_global_ns", "ns_table"}
_SHELL_CALLS = {"run_cell", "run_cell_async", "run_code", "run_ast_nodes", "ex", "ev", "push",
                "reset", "reset_selective", "drop_by_id", "safe_execfile", "mktempfile"}


class Facts:
    """Global names of a stretch of code."""

    def __init__(self):
        self.reads, self.writes, self.mutations = set(), set(), set()
        self.opaque = False

    def add(self, other):
        self.reads |= other.reads
        self.writes |= other.writes
        self.mutations |= other.mutations
        self.opaque = self.opaque or other.opaque

    def __bool__(self):
        return bool(self.reads or self.writes or self.mutations or self.opaque)


class Block(Facts):
    """`guard` is None in a function; else the parts of the cell, outermost first, whose exceptions
    something may swallow. `definite` are names bound for sure when the block ends. `functions` are
    those without markers that it defines, by name."""

    def __init__(self, guard):
        super().__init__()
        self.guard = guard
        self.definite = set()
        self.functions = {}


class _BlockNames(scopes.Names):
    """Reads one block; functions in it are given their own blocks by `marking`, if any."""

    def __init__(self, marking, chain, facts):
        super().__init__(chain)
        self.marking = marking
        self.facts = facts
        self.bound = set()

    def on_read(self, name, line):
        if name not in self.bound:
            self.facts.reads.add(name)

    def on_bind(self, name, line):
        self.facts.writes.add(name)
        self.bound.add(name)

    def on_delete(self, name, line):
        self.facts.writes.add(name)

    def on_mutate(self, name, line):
        self.facts.mutations.add(name)

    def on_import(self, name):
        if not self.is_local(name):
            self.marking.modules.add(name)

    def is_module(self, name):
        return name in self.marking.modules

    def record_of(self, name):
        return None

    # ---- parts that may not run, or run later ----------------------------------------------

    def visit_NamedExpr(self, node):
        before = set(self.bound)
        super().visit_NamedExpr(node)
        self.bound = before

    def function(self, node, body):
        self.marking.function(node, body, self.scopes, self.facts)

    def visit_ClassDef(self, node):
        super().visit_ClassDef(node)
        methods = self.facts.functions.pop(None, None) if isinstance(self.facts, Block) else None
        if methods and not self.scopes:  # whoever reads the class may call them
            self.facts.functions[node.name] = methods
        elif methods:
            self.facts.add(methods)

    def visit_GeneratorExp(self, node):
        super().visit_GeneratorExp(node)
        if getattr(node, "marked", False):
            return
        node.marked = True
        targets = [generator.target for generator in node.generators]
        chain = self.scopes + [scopes.Scope("comprehension", scopes.bound_names(targets)[0])]
        node.elt = self.marking.expression(node.elt, chain)

    # ---- names that are read or bound by their text ----------------------------------------

    def visit_Attribute(self, node):
        super().visit_Attribute(node)
        if node.attr in _NAMESPACES:
            self.opaque = True

    def visit_Import(self, node):
        super().visit_Import(node)
        self.opaque = self.opaque or any(alias.name == "__main__" for alias in node.names)

    def visit_ImportFrom(self, node):
        super().visit_ImportFrom(node)
        self.opaque = self.opaque or node.module == "__main__"

    def visit_Call(self, node):
        super().visit_Call(node)
        func = node.func
        if isinstance(func, ast.Attribute) and _is_shell(func.value):
            self._shell_call(func.attr, node.args)
        elif isinstance(func, ast.Attribute):
            self._frame_reader(func.attr, node)

    def _frame_reader(self, method, node):
        """pandas' @name and formulas look into the frame of their caller."""
        for argument in list(node.args) + [keyword.value for keyword in node.keywords]:
            text = _constant(argument)
            if text is None:
                if method == "query" and argument in node.args:
                    self.opaque = True
                continue
            names = _AT_NAME.findall(text) if method in ("query", "eval") else []
            if "~" in text and len(text) < 1000:
                names += _NAME.findall(text)
            for name in names:
                if not self.is_local(name):
                    self.on_read(name, node.lineno)

    def _shell_call(self, attribute, arguments):
        texts = [_constant(argument) for argument in arguments]
        magic = magics.Magic(0, 0, 1, 1)
        if attribute in _SHELL_CALLS:
            self.opaque = True
        elif attribute in ("run_line_magic", "magic", "run_cell_magic", "system", "getoutput"):
            if not texts or None in texts[:3]:
                self.opaque = True
                return
            _describe(magic, attribute, texts)
        self._take(magic, arguments)

    def _take(self, magic, arguments):
        self.opaque = self.opaque or magic.opaque
        line = arguments[0].lineno if arguments else 0
        for source, keeps in magic.code:
            try:
                tree = ast.parse(source.strip())
            except REFUSALS:
                continue
            facts = Facts()
            names = _StaticNames(self.marking, self.scopes, facts)
            names.visit_all(tree.body)
            self.opaque = self.opaque or names.opaque
            if not keeps:
                facts.writes.clear()
            facts.reads -= self.bound
            self.facts.add(facts)
        for name in magic.reads:
            self.on_read(name, line)
        for name in magic.binds + magic.deletes:
            self.facts.writes.add(name)


class _StaticNames(_BlockNames):
    """Reads code that gets no markers: functions are part of the code around them."""

    def function(self, node, body):
        scopes.Names.function(self, node, body)

    def visit_GeneratorExp(self, node):
        scopes.Names.visit_GeneratorExp(self, node)


def _constant(node):
    value = getattr(node, "value", None) if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else None


def _is_shell(node):
    return (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            and node.func.id == "get_ipython")


def _describe(magic, attribute, texts):
    if attribute in ("system", "getoutput"):
        magics._interpolated(magic, texts[0])
        return
    name, rest = texts[0], texts[1] if len(texts) > 1 else ""
    if attribute != "run_cell_magic":
        magics._describe(magic, "%" + " ".join([name, rest]).strip())
        return
    body = texts[2] if len(texts) > 2 else ""
    if name in magics._RUNS or name in magics._READS:
        magic.code.append((body, name in magics._RUNS))
        if name == "capture":
            magic.binds += [word for word in rest.split() if word.isidentifier()][:1]
        elif rest:
            magic.code.append((magics._without_options(name, rest), False))
    elif name in magics._FOREIGN:
        magics._interpolated(magic, rest)
        magics._interpolated(magic, body)
        magic.binds += re.findall(r"--(?:out|err|proc)[ =]([A-Za-z_]\w*)", rest)
    else:
        magic.opaque = True


class Marking:
    """Puts markers into the code of one compilation. `blocks` grows by the blocks it finds; a
    block's number is its place there. `modules` are names that imports bound, kept by the caller.
    Without `functions` their bodies are left alone."""

    def __init__(self, blocks, modules, functions=True):
        self.blocks = blocks
        self.modules = modules
        self._functions = functions
        self._guards = 0

    def module(self, nodes, sure=True):
        """The statements with their markers, and the number of the first, unmarked block."""
        first, body = None, []
        for node in nodes:
            number, marked = self._statement(node, sure)
            if first is None:
                first = number
            elif number is not None and not _is_future(node):
                body.append(self._marker(number, node))
            body.append(marked)
        return body, first

    def eval(self, node, sure=True):
        number, statement = self._statement(ast.copy_location(ast.Expr(node), node), sure)
        return statement.value, number

    def _statement(self, node, sure):
        block, names = self._begin([], ())
        self._visit(node, names, [], ())
        self._end(block, names)
        if not sure or _calls_shell(node):
            block.definite = set()
        self.blocks.append(block)
        return len(self.blocks) - 1, node

    # ---- blocks ----------------------------------------------------------------------------

    def _begin(self, chain, guard):
        block = Block(guard)
        return block, _BlockNames(self, chain, block)

    def _end(self, block, names):
        block.opaque = block.opaque or names.opaque
        block.definite = set(names.bound)

    def _list(self, nodes, chain, guard, first=None):
        """The statements of a body; `first` visits what the body's head binds."""
        result, at, start = [], 0, None
        block, names = self._begin(chain, guard)
        if first is not None:
            first(names)
        for node in nodes:
            if start is None:
                start = node
                at = len(result)
            self._visit(node, names, chain, guard)
            result.append(node)
            if isinstance(node, _COMPOUND) or type(node).__name__ in ("Match", "TryStar"):
                self._finish(block, names, result, at, start)
                block, names = self._begin(chain, guard)
                start = None
        self._finish(block, names, result, at, start)
        return result

    def _finish(self, block, names, result, at, start):
        self._end(block, names)
        if block and start is not None:
            self.blocks.append(block)
            result.insert(at, self._marker(len(self.blocks) - 1, start))

    def _visit(self, node, names, chain, guard):
        method = getattr(self, "_visit_" + type(node).__name__, None)
        if method is None:
            names.visit(node)
        else:
            method(node, names, chain, guard)

    def _visit_If(self, node, names, chain, guard):
        names.visit(node.test)
        node.body = self._list(node.body, chain, guard)
        node.orelse = self._list(node.orelse, chain, guard)

    def _visit_For(self, node, names, chain, guard):
        names.visit(node.iter)
        node.body = self._list(node.body, chain, guard, lambda body: body.visit(node.target))
        node.orelse = self._list(node.orelse, chain, guard)

    _visit_AsyncFor = _visit_For
    _visit_While = _visit_If

    def _guarded(self, guard):
        self._guards += 1
        return None if guard is None else guard + (self._guards,)

    def _visit_With(self, node, names, chain, guard):
        for item in node.items:
            names.visit(item.context_expr)
            names.visit_all([item.optional_vars])
        node.body = self._list(node.body, chain, self._guarded(guard))

    _visit_AsyncWith = _visit_With

    def _visit_Try(self, node, names, chain, guard):
        inner = self._guarded(guard)
        node.body = self._list(node.body, chain, inner)
        for handler in node.handlers:
            names.visit_all([handler.type])
            bind = None
            if handler.name:
                def bind(body, at=handler):
                    body.bind(at.name, at.lineno)
            handler.body = self._list(handler.body, chain, self._guarded(guard), bind)
        node.orelse = self._list(node.orelse, chain, inner)
        node.finalbody = self._list(node.finalbody, chain, guard)

    _visit_TryStar = _visit_Try

    def _visit_Match(self, node, names, chain, guard):
        names.visit(node.subject)
        for case in node.cases:
            before = set(names.bound)
            names.visit(case.pattern)
            names.visit_all([case.guard])
            names.bound = before
            case.body = self._list(case.body, chain, guard,
                                   lambda body, at=case: body.visit(at.pattern))

    # ---- functions -------------------------------------------------------------------------

    def function(self, node, body, chain, facts):
        method = any(scope.kind == "class" for scope in chain)
        chain = [scope for scope in chain if scope.kind != "class"]
        if not self._functions or _is_compiled(node):
            self._without_markers(node, body, chain, facts, method)
            return
        if getattr(node, "marked", False):
            return
        node.marked = True
        chain = chain + [scopes.function_scope(node, body)]
        if isinstance(node, ast.Lambda):
            node.body = self.expression(node.body, chain)
        else:
            kept = 1 if _is_docstring(node.body[0]) else 0
            node.body = node.body[:kept] + self._list(node.body[kept:], chain, None)

    def _without_markers(self, node, body, chain, facts, method):
        own = Facts()
        names = _StaticNames(self, chain + [scopes.function_scope(node, body)], own)
        names.visit_all(body)
        own.opaque = own.opaque or names.opaque
        name = None if method else getattr(node, "name", None)
        if chain or not isinstance(facts, Block):
            facts.add(own)
        else:
            facts.functions.setdefault(name, Facts()).add(own)

    def expression(self, node, chain):
        """The expression, marked when it says anything of global names."""
        block, names = self._begin(chain, None)
        names.visit(node)
        self._end(block, names)
        if not block:
            return node
        self.blocks.append(block)
        # None, which setdefault gives, is false: the value is the expression's own.
        call = ast.Call(ast.Attribute(ast.Constant(TOKEN, None), "setdefault", ast.Load()),
                        [ast.Constant(len(self.blocks) - 1, None)], [])
        return _placed(ast.BoolOp(ast.Or(), [call, node]), node)

    def _marker(self, number, at):
        target = _subscript(ast.Constant(TOKEN, None), ast.Constant(number, None))
        decorators = getattr(at, "decorator_list", None)
        return _placed(ast.Assign([target], ast.Constant(None, None), lineno=0, type_comment=None),
                       decorators[0] if decorators else at)


def _subscript(value, index):
    if _OLD_INDEX:
        index = ast.Index(index)
    return ast.Subscript(value, index, ast.Store())


_OLD_INDEX = not isinstance(ast.parse("a[0]").body[0].value.slice, ast.Constant)
_PLACES = ("lineno", "col_offset", "end_lineno", "end_col_offset")


def _placed(node, at):
    """`node`, and what of it has no place yet, where `at` begins: on that line, no other."""
    line, column = at.lineno, at.col_offset
    stack = [node]
    while stack:
        part = stack.pop()
        if part is at:
            continue
        if "lineno" in part._attributes:
            part.lineno = part.end_lineno = line
            part.col_offset = part.end_col_offset = column
        stack.extend(ast.iter_child_nodes(part))
    return node


def _is_docstring(node):
    return isinstance(node, ast.Expr) and _constant(node.value) is not None


def _is_future(node):
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _is_compiled(node):
    for decorator in getattr(node, "decorator_list", []):
        for part in ast.walk(decorator):
            name = getattr(part, "attr", None) or getattr(part, "id", None)
            if name in _COMPILERS:
                return True
    return False


def _calls_shell(node):
    return any(_is_shell(part) for part in ast.walk(node) if isinstance(part, ast.Call))
