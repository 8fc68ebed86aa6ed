"""Nobody answers a notebook that is executed: questions are refused, as a kernel does."""
import builtins
import sys

import _nbreplay
from .imports import after_import


def _not_implemented(message):
    try:
        from IPython.core.error import StdinNotImplementedError as kind
    except ImportError:  # the plain shell
        kind = NotImplementedError
    return kind(message)


def _refuse(what, message):
    _nbreplay.note(("%s was called; there is nobody to answer" % what,))
    raise _not_implemented(message)


def _input(prompt=""):
    """Refuses, as no front end is there that could ask a person."""
    _refuse("input()", "raw_input was called, but this frontend does not support input requests.")


def _getpass(prompt="", stream=None):
    _refuse("getpass()", "getpass was called, but this frontend does not support input requests.")


def _no_debugger(*args, **kwargs):
    _nbreplay.note(("breakpoint() was reached and passed; there is nobody to debug",))


def refuse():
    builtins.input = _input
    sys.breakpointhook = _no_debugger
    after_import.add("getpass", lambda module: setattr(module, "getpass", _getpass))
