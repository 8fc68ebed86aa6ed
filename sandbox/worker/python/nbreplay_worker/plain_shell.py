"""--shell plain: cells run by compile and exec, without IPython."""
import ast
import inspect
import linecache
import os
import sys

import _nbreplay
from . import errors, interrupts, tracebacks, wire
from .cells import cells

_LACKS = ("the plain shell runs without IPython: no magics, no shell commands, no rich or inline "
          "display, no display ids, no top-level await, no Out, In and _ history, no widgets")


class PlainShell:
    """Runs cells for the server in main.py."""

    ipython_version = ""
    ipython_from = ""

    def __init__(self):
        self._globals = sys.modules["__main__"].__dict__
        self._count = 1
        self._flags = 0
        self._exit_requested = False
        self._observer = None
        self._globals["exit"] = self._globals["quit"] = self._exit
        # The backend that kernels set shows its figures through IPython.
        os.environ["MPLBACKEND"] = "agg"
        _nbreplay.note((_LACKS,))

    def _exit(self, code=None):
        self._exit_requested = True

    def last_words(self):
        return ""

    def moved(self):
        cells.moved()

    async def run(self, request):
        position, cell, cell_id, source, observe = request
        if not source.strip():
            return (position, wire.COMPLETED, None) + errors.NOTHING + (False, None)
        count = self._count
        self._count += 1
        cells.start(position, source)
        if observe and self._observer is None:
            from . import observe as watching
            self._observer = watching.Observer(self._globals)
        if observe:
            self._observer.start(source)
        interrupts.interrupts.start_cell()
        error = None
        try:
            self._run(source, count)
        except BaseException as raised:  # SystemExit too: the session goes on
            error = raised
        finally:
            interrupts.interrupts.end_cell()
        observed = self._observer.finish() if observe else None
        if error is None:
            status = wire.EXIT_REQUESTED if self._exit_requested else wire.COMPLETED
            return (position, status, count) + errors.NOTHING + (False, observed)
        self._show(error)
        return (position, wire.RAISED, count) + errors.describe(error) + (
            isinstance(error, KeyboardInterrupt), observed)

    def _run(self, source, count):
        name = cells.file_name(source, count)
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        tree = compile(source, name, "exec", self._flags | ast.PyCF_ONLY_AST, True)
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            last = ast.Expression(tree.body.pop().value)
        if tree.body:
            code = self._compile(tree, name, "exec")
            self._flags |= code.co_flags & _FUTURES
            exec(code, self._globals)
        if last is not None:
            value = eval(self._compile(last, name, "eval"), self._globals)
            if value is not None and not source.rstrip().endswith(";"):
                self._globals["_"] = value
                _output(wire.RESULT, {"text/plain": repr(value)})

    def _compile(self, tree, name, mode):
        def compile_tree(tree):
            return compile(tree, name, mode, self._flags, True)

        observing = self._observer is not None and self._observer.on
        return self._observer.compile(tree, True, compile_tree) if observing else \
            compile_tree(tree)

    def _show(self, error):
        if isinstance(error, SyntaxError):
            lines = tracebacks.format_syntax_error(error, cells.numbers, False)
        else:
            lines = tracebacks.format_exception(error, cells.numbers)
        _output(wire.ERROR, {"ename": type(error).__name__, "evalue": wire.safe_str(error),
                             "traceback": lines})


def _futures():
    import __future__
    flags = 0
    for name in __future__.all_feature_names:
        flags |= getattr(__future__, name).compiler_flag
    return flags & ~inspect.CO_NESTED


_FUTURES = _futures()


def _output(kind, data):
    import json
    _nbreplay.output((kind, json.dumps(data), "{}", ""))
