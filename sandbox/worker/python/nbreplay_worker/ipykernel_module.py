"""Stand-ins for the packages `ipykernel` and `comm` where the environment lacks them.

Only what libraries look at to learn that they run in a notebook, or need to make comms.
"""
import sys
import types

from .imports import Provided, after_import

_VERSION = "7.0.0"


class IPythonKernel:
    """What get_ipython().kernel shows of a kernel."""

    implementation = "ipython"
    log = None
    iopub_socket = None
    session = None

    def __init__(self, shell):
        self.shell = shell

    @classmethod
    def initialized(cls):
        return True

    @classmethod
    def instance(cls, *args, **kwargs):
        from IPython import get_ipython
        return get_ipython().kernel

    @property
    def comm_manager(self):
        import comm
        return comm.get_comm_manager()

    @property
    def execution_count(self):
        return self.shell.execution_count

    @property
    def _parent_header(self):
        return self.shell.get_parent()

    def get_parent(self, channel=None):
        return self.shell.get_parent()


IPythonKernel.__module__ = "ipykernel.ipkernel"


class IPKernelApp:
    connection_file = "kernel.json"

    @classmethod
    def initialized(cls):
        return True

    @classmethod
    def instance(cls, *args, **kwargs):
        app = cls()
        app.kernel = IPythonKernel.instance()
        app.shell = app.kernel.shell
        return app


IPKernelApp.__module__ = "ipykernel.kernelapp"


def _ipykernel(module):
    module.__version__ = _VERSION
    module.version_info = tuple(int(part) for part in _VERSION.split("."))


def _kernelapp(module):
    module.IPKernelApp = IPKernelApp


def _kernels(module):
    module.Kernel = module.IPythonKernel = IPythonKernel


def _zmqshell(module):
    from . import display, shell
    module.ZMQInteractiveShell = shell.ZMQInteractiveShell
    module.ZMQDisplayPublisher = display.ZMQDisplayPublisher


def _iostream(module):
    from .streams import OutStream
    module.OutStream = OutStream


def _ipykernel_comm(module):
    import comm
    module.Comm = comm.create_comm
    module.CommManager = comm.base_comm.CommManager


def _comm(module):
    from . import comm_module
    module.base_comm = comm_module
    module.BaseComm = comm_module.BaseComm
    module.CommManager = comm_module.CommManager
    module.get_comm_manager = comm_module.manager
    module.__version__ = "0.2.3"


def _base_comm(module):
    from . import comm_module
    module.BaseComm = comm_module.BaseComm
    module.CommManager = comm_module.CommManager


_COMM = {"comm": _comm, "comm.base_comm": _base_comm}
_IPYKERNEL = {
    "ipykernel": _ipykernel,
    "ipykernel.comm": _ipykernel_comm,
    "ipykernel.comm.comm": _ipykernel_comm,
    "ipykernel.ipkernel": _kernels,
    "ipykernel.iostream": _iostream,
    "ipykernel.kernelapp": _kernelapp,
    "ipykernel.kernelbase": _kernels,
    "ipykernel.zmqshell": _zmqshell,
}


# Modules of the environment's own ipykernel that show ours where a kernel would show its own.
_OVERLAID = ("ipykernel.ipkernel", "ipykernel.iostream", "ipykernel.kernelapp",
             "ipykernel.zmqshell")


class _Overlay(types.ModuleType):
    """Our names of a module of ipykernel; what else is asked for comes from the module itself."""

    def __init__(self, name, folders):
        super().__init__(name)
        self.__dict__.update(__package__="ipykernel", _folders=folders, _real=None)
        _IPYKERNEL[name](self)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if self._real is None:
            import importlib.machinery
            import importlib.util
            spec = importlib.machinery.PathFinder.find_spec(self.__name__, self._folders)
            self._real = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(self._real)
        return getattr(self._real, name)


def _overlay(module, folders):
    # object's own: to look at a lazy module is to load it.
    names = object.__getattribute__(module, "__dict__")
    for name in _OVERLAID:
        sys.modules[name] = names[name.rpartition(".")[2]] = _Overlay(name, folders)


def install():
    """In a kernel these are always imported: libraries look for them in sys.modules."""
    import importlib.util
    from . import comms
    after_import.add("comm", comms.use_comm_module)
    after_import.add("ipykernel.comm.comm", comms.use_ipykernel_comms)
    makers = dict(_COMM)
    spec = importlib.util.find_spec("ipykernel")
    if spec is None or spec.loader is None:
        makers.update(_IPYKERNEL)
        sys.meta_path.append(Provided(makers))
        import ipykernel.zmqshell  # noqa: F401 (now ours)
        return
    sys.meta_path.append(Provided(makers))
    # The environment's own costs a second of zmq and tornado: only its name until it is used.
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules["ipykernel"] = module
    spec.loader.exec_module(module)
    _overlay(module, spec.submodule_search_locations)
