"""Which names code reads, binds and changes, by Python's scoping rules.

`Names` walks code without regard to the order of its statements and calls its hooks for names of
the module; names.py adds the order.
"""
import ast
import sys

from . import mutation

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_LAZY_ANNOTATIONS = sys.version_info >= (3, 14)
_RUN_ANYTHING = {"exec", "eval", "globals", "locals", "vars", "__import__"}


class Scope:
    def __init__(self, kind, names=(), global_names=()):
        self.kind = kind  # "function", "class", "comprehension"
        self.names = set(names)
        self.global_names = set(global_names)
        self.parameters = []


def parameters(node):
    """Names of a function's parameters, positional ones first."""
    given = node.args
    names = [arg.arg for arg in getattr(given, "posonlyargs", []) + given.args]
    names += [arg.arg for arg in given.kwonlyargs]
    names += [arg.arg for arg in (given.vararg, given.kwarg) if arg]
    return names


def bound_names(nodes):
    """(names that the nodes bind in their own scope, names that they declare global)"""
    bound, declared, foreign = set(), set(), set()
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                bound.add(node.id)
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, _COMPREHENSIONS):
            bound.update(inner.target.id for inner in ast.walk(node)
                         if isinstance(inner, ast.NamedExpr))
            continue
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
            continue
        if isinstance(node, ast.Global):
            declared.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            foreign.update(node.names)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound.update(alias.asname or alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        elif type(node).__name__ in ("MatchAs", "MatchStar", "MatchMapping"):
            name = getattr(node, "name", None) or getattr(node, "rest", None)
            if name:
                bound.add(name)
        stack.extend(ast.iter_child_nodes(node))
    return bound - declared - foreign, declared


class Names:
    """Subclasses say what to do with reads, bindings, deletions and changes of global names."""

    def __init__(self, scopes=()):
        self.scopes = list(scopes)
        self.opaque = False

    def on_read(self, name, line):
        raise NotImplementedError

    def on_bind(self, name, line):
        raise NotImplementedError

    def on_delete(self, name, line):
        raise NotImplementedError

    def on_mutate(self, name, line):
        raise NotImplementedError

    def on_local_mutate(self, name):
        """A local name of a function was changed in place."""

    def on_import(self, name):
        """An import bound this global name."""

    def is_module(self, name):
        """Whether the global name was bound by an import."""
        raise NotImplementedError

    def record_of(self, name):
        """What is known of the notebook's function of that name: a FunctionNames or None."""
        raise NotImplementedError

    def visit(self, node):
        method = getattr(self, "visit_" + type(node).__name__, None)
        if method:
            method(node)
        else:
            self.visit_children(node)

    def visit_children(self, node):
        for child in ast.iter_child_nodes(node):
            self.visit(child)

    def visit_all(self, nodes):
        for node in nodes:
            if node is not None:
                self.visit(node)

    # ---- names ------------------------------------------------------------------------------

    def is_local(self, name):
        for index in range(len(self.scopes) - 1, -1, -1):
            scope = self.scopes[index]
            if name in scope.global_names:
                return False
            if scope.kind == "class" and index != len(self.scopes) - 1:
                continue  # a class's names are seen in its own block only
            if name in scope.names:
                return True
        return False

    def bind(self, name, line):
        for scope in reversed(self.scopes):
            if scope.kind == "comprehension":
                continue
            if name in scope.global_names:
                break
            scope.names.add(name)
            return
        self.on_bind(name, line)

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Store):
            inner = self.scopes and self.scopes[-1]
            if not (inner and inner.kind == "comprehension" and node.id in inner.names):
                self.bind(node.id, node.lineno)
        elif self.is_local(node.id):
            if isinstance(node.ctx, ast.Del) and self.scopes[-1].kind == "class":
                self.scopes[-1].names.discard(node.id)
        elif isinstance(node.ctx, ast.Load):
            self.on_read(node.id, node.lineno)
        else:
            self.on_read(node.id, node.lineno)
            self.on_delete(node.id, node.lineno)

    def visit_NamedExpr(self, node):
        self.visit(node.value)
        self.bind(node.target.id, node.lineno)

    def _mutate_root(self, node):
        name, line = mutation.root(node)
        if name is None:
            return
        if self.is_local(name):
            self.on_local_mutate(name)
        else:
            self.on_mutate(name, line)

    def visit_Attribute(self, node):
        self.visit(node.value)
        if not isinstance(node.ctx, ast.Load):
            self._mutate_root(node)

    def visit_Subscript(self, node):
        self.visit_children(node)
        if not isinstance(node.ctx, ast.Load):
            self._mutate_root(node)

    # ---- statements and calls ---------------------------------------------------------------

    def visit_Assign(self, node):
        self.visit(node.value)
        self.visit_all(node.targets)

    def visit_AugAssign(self, node):
        if isinstance(node.target, ast.Name) and not self.is_local(node.target.id):
            self.on_read(node.target.id, node.lineno)
        self.visit(node.value)
        self.visit(node.target)

    def visit_AnnAssign(self, node):
        in_function = any(scope.kind == "function" for scope in self.scopes)
        if not in_function:
            self.annotation(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self.visit(node.target)
        elif not isinstance(node.target, ast.Name):
            self.visit_children(node.target)

    def annotation(self, node):
        if node is not None and not _LAZY_ANNOTATIONS:
            self.visit(node)

    def visit_Import(self, node):
        for alias in node.names:
            name = alias.asname or alias.name.split(".")[0]
            self.bind(name, node.lineno)
            self.on_import(name)

    def visit_ImportFrom(self, node):
        for alias in node.names:
            if alias.name == "*":
                self.opaque = True
            else:
                self.bind(alias.asname or alias.name, node.lineno)
                self.on_import(alias.asname or alias.name)

    def visit_Global(self, node):
        if self.scopes:
            self.scopes[-1].global_names.update(node.names)

    def visit_Call(self, node):
        self.visit(node.func)
        for argument in list(node.args) + [keyword.value for keyword in node.keywords]:
            if isinstance(argument, ast.Lambda):
                self.called_lambda(argument)
            else:
                self.visit(argument)
        if isinstance(node.func, ast.Name) and node.func.id in _RUN_ANYTHING:
            if not self.is_local(node.func.id) and not (node.func.id == "vars" and node.args):
                self.opaque = True
        for changed in mutation.changed_by(node, self._is_module_here):
            self._mutate_root(changed)
        if isinstance(node.func, ast.Name) and not self.is_local(node.func.id):
            record = self.record_of(node.func.id)
            if record:
                self._apply(record, node)

    def _is_module_here(self, name):
        return not self.is_local(name) and self.is_module(name)

    def _apply(self, record, call):
        """What a call of a function of the notebook changes."""
        for name in record.mutations:
            self.on_mutate(name, call.lineno)
        for name in record.binds:
            self.on_maybe_bind(name, call.lineno)
        for index, argument in enumerate(call.args):
            if index in record.changes:
                self._mutate_root(argument)
        for keyword in call.keywords:
            if keyword.arg in record.changed_names:
                self._mutate_root(keyword.value)

    def on_maybe_bind(self, name, line):
        self.on_bind(name, line)

    def called_lambda(self, node):
        self.visit(node)

    # ---- scopes -----------------------------------------------------------------------------

    def visit_FunctionDef(self, node):
        self.visit_all(node.decorator_list)
        self._visit_signature(node)
        self.bind(node.name, node.lineno)
        self.function(node, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node):
        self._visit_signature(node)
        self.function(node, [node.body])

    def _visit_signature(self, node):
        self.visit_all(node.args.defaults)
        self.visit_all(node.args.kw_defaults)
        if isinstance(node, ast.Lambda):
            return
        given = node.args
        for arg in (getattr(given, "posonlyargs", []) + given.args + given.kwonlyargs
                    + [given.vararg, given.kwarg]):
            if arg is not None:
                self.annotation(arg.annotation)
        self.annotation(node.returns)

    def function(self, node, body):
        """The body of a function: here it is read as part of the code around it."""
        self.scopes.append(function_scope(node, body))
        self.visit_all(body)
        self.scopes.pop()

    def visit_ClassDef(self, node):
        self.visit_all(node.decorator_list)
        self.visit_all(node.bases)
        self.visit_all(keyword.value for keyword in node.keywords)
        self.scopes.append(Scope("class"))
        self.visit_all(node.body)
        self.scopes.pop()
        self.bind(node.name, node.lineno)

    def _comprehension(self, node):
        first = node.generators[0]
        self.visit(first.iter)
        targets = [generator.target for generator in node.generators]
        self.scopes.append(Scope("comprehension", bound_names(targets)[0]))
        for generator in node.generators:
            if generator is not first:
                self.visit(generator.iter)
            self.visit(generator.target)
            self.visit_all(generator.ifs)
        if isinstance(node, ast.DictComp):
            self.visit_all([node.key, node.value])
        else:
            self.visit(node.elt)
        self.scopes.pop()

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def visit_ExceptHandler(self, node):
        self.visit_all([node.type])
        if node.name:
            self.bind(node.name, node.lineno)
        self.visit_all(node.body)

    def visit_MatchAs(self, node):
        self.visit_all([node.pattern])
        if node.name:
            self.bind(node.name, node.lineno)

    def visit_MatchStar(self, node):
        if node.name:
            self.bind(node.name, node.lineno)

    def visit_MatchMapping(self, node):
        self.visit_children(node)
        if node.rest:
            self.bind(node.rest, node.lineno)


def function_scope(node, body):
    bound, declared = bound_names(body)
    given = parameters(node)
    scope = Scope("function", bound | set(given), declared)
    scope.parameters = given
    return scope


class FunctionNames(Names):
    """The global names of a function's body, and which parameters it may change in place."""

    def __init__(self, node, body, scopes, is_module):
        super().__init__(scope for scope in scopes if scope.kind != "class")
        self.reads, self.binds, self.mutations = {}, {}, {}
        self.changed_names = set()
        self._is_module = is_module
        self.scopes.append(function_scope(node, body))
        own = self.scopes[-1]
        self._depth = len(self.scopes)
        self.visit_all(body)
        self.changes = {index for index, name in enumerate(own.parameters)
                        if name in self.changed_names}

    def on_read(self, name, line):
        self.reads.setdefault(name, line)

    def on_bind(self, name, line):
        self.binds.setdefault(name, line)

    def on_delete(self, name, line):
        self.mutations.setdefault(name, line)

    def on_mutate(self, name, line):
        self.mutations.setdefault(name, line)

    def on_local_mutate(self, name):
        if name in self.scopes[self._depth - 1].parameters:
            self.changed_names.add(name)

    def is_module(self, name):
        return self._is_module(name)

    def record_of(self, name):
        return None
