"""Permissive stand-ins for missing modules: would the crash happen if only they were there?"""
# Loaded before the finders below are asked for anything: they would be asked for it, too.
import importlib.machinery
import sys

from .imports import Provided


class Anything:
    """Can be called, entered, iterated, compared and asked for any attribute; does nothing."""

    def __init__(self, name="placeholder"):
        self.__dict__["_name"] = name

    def __getattr__(self, name):
        # "_name" itself is only missing while a copy is being made.
        if name == "_name" or (name.startswith("__") and name.endswith("__")):
            raise AttributeError(name)
        if name == "dtype":
            # numpy asks whatever shall tell a type for its `dtype`, and that again, without end.
            make = getattr(sys.modules.get("numpy"), "__dict__", {}).get("dtype")
            if isinstance(make, type):
                return make(float)  # as numpy.asarray makes of it
        return Anything("%s.%s" % (self._name, name))

    def __setattr__(self, name, value):
        self.__dict__[name] = value

    def __call__(self, *args, **kwargs):
        # A placeholder used as a decorator leaves what it decorates alone.
        if len(args) == 1 and not kwargs and callable(args[0]):
            return args[0]
        return Anything(self._name + "()")

    def __getitem__(self, key):
        return Anything(self._name + "[...]")

    def __setitem__(self, key, value):
        pass

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0

    def __bool__(self):
        return False

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return False

    def __contains__(self, item):
        return False

    def __repr__(self):
        return "<placeholder of nbreplay for %s>" % self._name

    def __format__(self, wanted):
        # The text is for nobody; a format meant for numbers must not be an error.
        return repr(self)

    def __instancecheck__(self, instance):
        return False

    def __subclasscheck__(self, subclass):
        return False

    def __mro_entries__(self, bases):
        # A class may name several of them as its bases (PEP 560), but be derived from one only.
        first = next(base for base in bases if isinstance(base, Anything))
        return (AnyBase,) if first is self else ()

    def __index__(self):
        return 0

    def __int__(self):
        return 0

    def __float__(self):
        return 0.0

    __hash__ = object.__hash__
    # numpy and pandas then leave an operator to the placeholder beside it.
    __array_ufunc__ = None
    __pandas_priority__ = 1000000


def _operator(name):
    def operator(self, *others):
        return Anything("%s.%s()" % (self.__dict__["_name"], name))
    return operator


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or",
              "xor", "lshift", "rshift"):
    for _way in ("", "r", "i"):
        setattr(Anything, "__%s%s__" % (_way, _name), _operator(_name))
for _name in ("lt", "le", "gt", "ge", "eq", "ne", "neg", "pos", "abs", "invert", "round", "divmod",
              "rdivmod"):
    setattr(Anything, "__%s__" % _name, _operator(_name))


class AnyBase(Anything):
    """Stands for a placeholder as the base of a class, which need not call its `__init__`."""
    _name = "placeholder"

    def __init__(self, *args, **kwargs):
        pass

    def __init_subclass__(cls, **kwargs):
        pass


class _PlaceholderFinder(Provided):
    """Serves the named modules, everything below them, and parents that do not exist."""

    def __init__(self, names):
        super().__init__({})
        self._names = names

    def find_spec(self, name, path=None, target=None):
        if any(name == wanted or name.startswith(wanted + ".") for wanted in self._names):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def exec_module(self, module):
        prefix = module.__name__
        module.__getattr__ = lambda name: _attribute(prefix, name)


class _ParentFinder(_PlaceholderFinder):
    """Last on sys.meta_path: "google" for "google.colab", when there is no google at all."""

    def __init__(self, names):
        super().__init__(names)
        self._parents = {".".join(name.split(".")[:depth])
                         for name in names for depth in range(1, name.count(".") + 1)}

    def find_spec(self, name, path=None, target=None):
        if name in self._parents:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None


def _attribute(prefix, name):
    if name.startswith("__") and name.endswith("__"):
        raise AttributeError(name)
    return Anything("%s.%s" % (prefix, name))


def install(names):
    if names:
        sys.meta_path.insert(0, _PlaceholderFinder(names))
        sys.meta_path.append(_ParentFinder(names))
