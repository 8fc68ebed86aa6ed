"""Brings up IPython, the environment's own or the one that came along, as a kernel would."""
import os
import sys
import types

from . import wire

# What importing IPython loads and running cells never uses. Refused meanwhile: IPython goes on
# without, and a later import by the notebook finds the real module.
_UNNEEDED = ("jedi",)
_EMBED = "IPython.terminal.embed"


def _embed(*args, **kwargs):
    from IPython.terminal.embed import embed
    return embed(*args, **kwargs)


def _import_lean():
    refused = [name for name in _UNNEEDED if name not in sys.modules]
    for name in refused:
        sys.modules[name] = None
    # Before 9, IPython imports its terminal half, and with it all of prompt_toolkit.
    stub = types.ModuleType(_EMBED)
    stub.embed = _embed
    sys.modules[_EMBED] = stub
    try:
        import IPython
        from . import shell
    finally:
        for name in refused + [_EMBED]:
            sys.modules.pop(name, None)
        terminal = sys.modules.get("IPython.terminal")
        if terminal is not None and getattr(terminal, "embed", None) is stub:
            del terminal.embed
    return IPython, shell


def _origin(module, configuration):
    file = os.path.abspath(module.__file__)
    for folder in list(configuration.append_path) + list(configuration.prepend_path):
        if file.startswith(os.path.abspath(folder) + os.sep):
            return "supplied"
    return "environment"


def _describe(error):
    return "%s: %s" % (type(error).__name__, wire.safe_str(error))


def start(configuration):
    try:
        ipython, shell = _import_lean()
    except Exception as error:
        raise wire.SetupError("ipython", "IPython cannot be imported: %s" % _describe(error))
    try:
        session = shell.Session(ipython.__version__, _origin(ipython, configuration))
        from . import ipykernel_module
        ipykernel_module.install()
    except Exception as error:
        raise wire.SetupError("shell", "IPython %s does not start: %s" % (
            ipython.__version__, _describe(error)))
    return session
