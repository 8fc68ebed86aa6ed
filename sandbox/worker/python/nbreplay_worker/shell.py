"""The notebook's shell: IPython's InteractiveShell, in the form that Jupyter's kernel gives it."""
import ast
import asyncio
import atexit
import importlib.util
import os
import re
import sys

from IPython.core import page
from IPython.core.autocall import ZMQExitAutocall
from IPython.core.compilerop import CachingCompiler
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell, _asyncio_runner
from IPython.core.profiledir import ProfileDir
from IPython.paths import get_ipython_dir
from traitlets import Any, CBool, Instance, Type, default
from traitlets.config import Config

import _nbreplay
from . import errors, kernel_magics, packages, tracebacks, wire
from .cells import cells
from .comms import front_end
from .display import ZMQDisplayPublisher, ZMQShellDisplayHook, sink
from .interrupts import interrupts
from .ipykernel_module import IPythonKernel


class XCachingCompiler(CachingCompiler):
    """Names code as a kernel does, and remembers which execution it belongs to."""

    observer = None  # Only where cells are observed.

    def __call__(self, source, filename="<unknown>", symbol="exec", *args, **keys):
        def compile_tree(tree):
            return super(XCachingCompiler, self).__call__(tree, filename, symbol, *args, **keys)

        if self.observer is None or not self.observer.on or not isinstance(source, ast.AST):
            return compile_tree(source)
        # %timeit compiles what it measures, and runs it in a function.
        sure = not str(filename).startswith("<magic-timeit")
        return self.observer.compile(source, sure, compile_tree)

    def get_code_name(self, raw_code, transformed_code, number):
        return cells.file_name(raw_code, number)


class ZMQInteractiveShell(InteractiveShell):
    """Named and shaped as ipykernel's class, which libraries look at."""

    displayhook_class = Type(ZMQShellDisplayHook)
    display_pub_class = Type(ZMQDisplayPublisher)
    kernel = Any()
    readline_use = CBool(False)
    autoindent = CBool(False)
    exiter = Instance(ZMQExitAutocall)
    keepkernel_on_exit = None

    _last_traceback = None
    _display_error = None
    _shown_error = None
    _completer = None
    _parent = None

    @default("exiter")
    def _default_exiter(self):
        return ZMQExitAutocall(self)

    # ---- starting ----------------------------------------------------------------------------

    def init_environment(self):
        os.environ.update(TERM="xterm-color", CLICOLOR="1", FORCE_COLOR="1", CLICOLOR_FORCE="1",
                          PAGER="cat", GIT_PAGER="cat")
        backend = os.environ.setdefault("MPLBACKEND", _INLINE)
        if backend == _INLINE and importlib.util.find_spec("matplotlib_inline") is None:
            # Older than that package: pyplot could not even be imported with it.
            os.environ["MPLBACKEND"] = "agg"

    def init_virtualenv(self):
        pass  # sys.path is right already.

    def init_hooks(self):
        super().init_hooks()
        self.set_hook("show_in_pager", page.as_hook(self._page), 99)

    def init_completer(self):
        pass  # Nobody completes; who asks for the completer gets one.

    @property
    def Completer(self):
        if self._completer is None:
            from IPython.core.completer import IPCompleter
            self._completer = IPCompleter(
                shell=self, namespace=self.user_ns, global_namespace=self.user_global_ns,
                parent=self)
        return self._completer

    def init_traceback_handlers(self, custom_exceptions):
        super().init_traceback_handlers(custom_exceptions)
        self._full_traceback = self.InteractiveTB.structured_traceback
        self._usual_mode = self.InteractiveTB.mode
        self.InteractiveTB.structured_traceback = self._structured_traceback
        self.SyntaxTB.structured_traceback = self._structured_syntax_error

    def init_magics(self):
        super().init_magics()
        self.register_magics(kernel_magics.KernelMagics)
        self.magics_manager.register_alias("ed", "edit")

    def find_line_magic(self, magic_name):
        return kernel_magics.guard("line", magic_name, super().find_line_magic(magic_name))

    def find_cell_magic(self, magic_name):
        return kernel_magics.guard("cell", magic_name, super().find_cell_magic(magic_name))

    def _find_with_lazy_load(self, kind, magic_name):
        # Newer versions do not come through the two above.
        return kernel_magics.guard(kind, magic_name,
                                   super()._find_with_lazy_load(kind, magic_name))

    # ---- what a kernel does elsewhere ------------------------------------------------------------

    def enable_gui(self, gui=None):
        if gui not in (None, "", "inline", "asyncio", "agg", "ipympl", "widget", "nbagg", "notebook"):
            raise UsageError("%s needs a display, and nbreplay runs notebooks without one" % gui)
        self.active_eventloop = gui

    def ask_exit(self):
        self.exit_now = not self.keepkernel_on_exit
        self.payload_manager.write_payload(
            {"source": "ask_exit", "keepkernel": self.keepkernel_on_exit})

    def set_next_input(self, text, replace=False):
        self.payload_manager.write_payload(
            {"source": "set_next_input", "text": text, "replace": replace})

    def _page(self, strg, start=0, screen_lines=0, pager_cmd=None):
        data = strg if isinstance(strg, dict) else {"text/plain": strg}
        self.payload_manager.write_payload(
            {"source": "page", "data": data, "start": max(0, start)})

    def system_piped(self, cmd):
        if cmd.rstrip().endswith("&"):
            raise OSError("Background processes not supported.")
        command = self.var_expand(cmd, depth=1)
        code = packages.system(command)
        if code is None:
            from IPython.utils.process import system
            code = system(command)
        self.user_ns["_exit_code"] = code
        if getattr(self, "system_raise_on_error", False) and code != 0:
            from subprocess import CalledProcessError
            raise CalledProcessError(code, cmd)

    system = system_piped

    def getoutput(self, cmd, split=True, depth=0):
        text = packages.output(self.var_expand(cmd, depth=depth + 1))
        if text is None:
            return super().getoutput(cmd, split=split, depth=depth + 1)
        from IPython.utils.text import LSString, SList
        return SList(text.splitlines()) if split else LSString(text)

    def set_parent(self, parent):
        self._parent = parent
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "set_parent"):
                stream.set_parent(parent)

    def get_parent(self):
        return self._parent or {}

    parent_header = property(get_parent, set_parent)

    # ---- errors ---------------------------------------------------------------------------------

    def _structured_traceback(self, etype=None, evalue=None, etb=None, tb_offset=None, *args,
                              **kwargs):
        mode = self.InteractiveTB.mode
        if mode != self._usual_mode or not isinstance(evalue, BaseException):
            return self._full_traceback(etype, evalue, etb, tb_offset, *args, **kwargs)
        return tracebacks.format_exception(evalue, cells.numbers)

    def _structured_syntax_error(self, etype, value, elist=None, *args, **kwargs):
        return tracebacks.format_syntax_error(value, cells.numbers, bool(elist))

    def _showtraceback(self, etype, evalue, stb):
        if getattr(self.displayhook, "msg", None) is not None:
            # A current kernel fails the cell whose result cannot be shown.
            self._display_error = evalue
        self._shown_error = evalue
        sink.error(str(etype.__name__), wire.safe_str(evalue), [str(line) for line in stb])
        self._last_traceback = stb

    def _format_exception_for_storage(self, exception, *args, **kwargs):
        # IPython's own formats the traceback a second time.
        return {"ename": type(exception).__name__, "evalue": wire.safe_str(exception),
                "traceback": self._last_traceback or []}

    def _tee(self, channel):
        # IPython's own keeps all output in memory, for %notebook.
        import contextlib
        return contextlib.nullcontext()

    # ---- cells ----------------------------------------------------------------------------------

    async def run_notebook_cell(self, source, cell_id):
        """As a kernel's do_execute; the ExecutionResult."""
        self._last_traceback = self._display_error = self._shown_error = None
        keys = {"cell_id": cell_id} if _TAKES_CELL_ID and cell_id else {}
        problem = None
        try:
            transformed = self.transform_cell(source)
        except Exception:
            transformed, problem = source, sys.exc_info()
        if self.loop_runner is not _asyncio_runner or not self.should_run_async(
                source, transformed_cell=transformed, preprocessing_exc_tuple=problem):
            return self.run_cell(source, store_history=True, **keys)
        result = None
        try:
            result = await interrupts.wait(self.run_cell_async(
                source, store_history=True, transformed_cell=transformed,
                preprocessing_exc_tuple=problem, **keys))
        finally:
            self.events.trigger("post_execute")
            self.events.trigger("post_run_cell", result)
        return result


ZMQInteractiveShell.__module__ = "ipykernel.zmqshell"
_INLINE = "module://matplotlib_inline.backend_inline"
_TIME = re.compile(r"^\s*%%?time\b", re.M)
_TAKES_CELL_ID = "cell_id" in InteractiveShell.run_cell.__code__.co_varnames


def _configuration():
    config = Config()
    # Libraries look for this key to learn that they run in a kernel.
    config.IPKernelApp.connection_file = "kernel.json"
    # No history file, and no thread that writes it.
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    return config


class Session:
    """Runs cells for the server in main.py."""

    def __init__(self, version, origin):
        self.ipython_version = version
        self.ipython_from = origin
        main = sys.modules["__main__"]
        main.__doc__ = "Automatically created module for IPython interactive environment"
        ZMQInteractiveShell.compiler_class = XCachingCompiler
        self._shell = ZMQInteractiveShell.instance(
            config=_configuration(), user_module=main, user_ns=main.__dict__)
        self._shell.kernel = IPythonKernel(self._shell)
        # As a kernel hides what is there before the first cell: from %who, and for `_`.
        self._shell.user_ns_hidden.update(main.__dict__)
        # It would empty the namespace and collect garbage, to no use in a process that ends.
        atexit.unregister(self._shell.atexit_operations)
        front_end.execution_count = lambda: self._shell.execution_count

    def last_words(self):
        return front_end.widget_state()

    def moved(self):
        """HOME and the working folder are others now, as if they had been from the start."""
        cells.moved()
        shell = self._shell
        shell.starting_dir = os.getcwd()
        shell.home_dir = os.path.expanduser("~")
        shell.ipython_dir = get_ipython_dir()
        shell.profile_dir = ProfileDir.create_profile_dir_by_name(
            shell.ipython_dir, "default", config=shell.config)
        # What a module that was loaded before has kept of the other place, or drawn from there.
        if "tempfile" in sys.modules:
            sys.modules["tempfile"].tempdir = None
        for name in ("get_configdir", "get_cachedir"):
            kept = getattr(sys.modules.get("matplotlib"), name, None)
            getattr(kept, "cache_clear", int)()
        if "numpy.random" in sys.modules and _nbreplay.configuration()[7] is None:
            sys.modules["numpy.random"].seed()
        if "site" in sys.modules:
            site = sys.modules["site"]
            site.USER_BASE = site.USER_SITE = None
            site.getusersitepackages()

    async def run(self, request):
        position, cell, cell_id, source, observe = request
        shell = self._shell
        cells.start(position, source)
        shell.set_parent(_parent(position, cell_id, source))
        observer = self._observer() if observe else None
        if observer is not None:
            observer.start(source)
        interrupts.start_cell()
        result, escaped = None, None
        try:
            result = await shell.run_notebook_cell(source, cell_id)
        except (KeyboardInterrupt, asyncio.CancelledError) as error:
            escaped = error
            shell.showtraceback()
        finally:
            interrupts.end_cell()
        observed = observer.finish() if observer is not None else None
        front_end.end_of_cell()
        shell.payload_manager.clear_payload()
        return self._done(position, result, escaped) + (observed,)

    def _observer(self):
        compiler = self._shell.compile
        if compiler.observer is None:
            from . import observe
            compiler.observer = observe.Observer(self._shell.user_ns)
        return compiler.observer

    def _done(self, position, result, escaped):
        count = getattr(result, "execution_count", None)
        error = escaped
        if error is None and result is not None:
            error = result.error_before_exec
            # Not `or`: an exception may call itself false.
            error = result.error_in_exec if error is None else error
        if error is None:
            error = self._shell._display_error
        if error is None and _TIME.search(cells.source):
            # IPython before 9 shows what code under %time raised and calls it a success.
            error = self._shell._shown_error
        if not isinstance(error, BaseException):
            status = wire.EXIT_REQUESTED if self._shell.exit_now else wire.COMPLETED
            return (position, status, count) + errors.NOTHING + (False,)
        interrupted = isinstance(error, KeyboardInterrupt) or interrupts.seen
        return (position, wire.RAISED, count) + errors.describe(error) + (interrupted,)


def _parent(position, cell_id, source):
    return {
        "header": {"msg_id": "nbreplay-%d" % position, "msg_type": "execute_request",
                   "session": "nbreplay", "username": "", "version": "5.4"},
        "msg_id": "nbreplay-%d" % position, "msg_type": "execute_request", "parent_header": {},
        "metadata": {"cellId": cell_id} if cell_id else {},
        "content": {"code": source, "silent": False, "store_history": True,
                    "user_expressions": {}, "allow_stdin": False, "stop_on_error": True},
        "buffers": []}
