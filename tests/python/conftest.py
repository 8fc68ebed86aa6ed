"""Puts the worker's package on the path, with a stand-in for the module that only a worker has."""
import os
import sys
import types

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(_ROOT, "sandbox", "worker", "python"))
sys.modules.setdefault("_nbreplay", types.ModuleType("_nbreplay"))
