"""Acting on imports: after a module is loaded, or when nobody else has it."""
import sys
import types


class _ActingLoader:
    """Loads a module as its own loader would, then acts; leaves no trace on the module."""

    def __init__(self, loader, action):
        self._loader = loader
        self._action = action

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._action(module)


class AfterImport:
    """First on sys.meta_path: runs an action right after one of some modules was loaded."""

    def __init__(self):
        self._actions = {}

    def add(self, name, action):
        if name in sys.modules:
            action(sys.modules[name])
        else:
            self._actions[name] = action

    def find_spec(self, name, path=None, target=None):
        if name not in self._actions:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _ActingLoader(spec.loader, self._actions.pop(name))
                return spec
        return None


class Provided:
    """A finder of modules that are made by functions: {name: make(module)}."""

    def __init__(self, makers):
        self._makers = makers

    def find_spec(self, name, path=None, target=None):
        if name not in self._makers:
            return None
        import importlib.machinery
        package = any(other.startswith(name + ".") for other in self._makers)
        return importlib.machinery.ModuleSpec(name, self, is_package=package)

    def create_module(self, spec):
        return types.ModuleType(spec.name)

    def exec_module(self, module):
        self._makers[module.__name__](module)


after_import = AfterImport()


def install():
    sys.meta_path.insert(0, after_import)


def seed_generators(seed):
    """--seed: the generators that notebooks draw from, each once it exists."""
    import random
    random.seed(seed)
    after_import.add("numpy.random", lambda module: module.seed(seed % 2**32))
    after_import.add("torch", lambda module: module.manual_seed(seed % 2**63))
    after_import.add("tensorflow", lambda module: module.random.set_seed(seed % 2**31))
