"""What objects hold, as far as it can be told without running anything of the notebook's.

A fingerprint of an object is that of its own content, without the objects it refers to; those have
their own. Two passes over what names reach, before and after a cell, tell which objects changed
in place. Nothing here calls a method of a class that is not Python's, numpy's or pandas' own, and
nothing of the notebook is kept alive between the passes.
"""
import array
import collections
import operator
import sys
import time
import types
import weakref
import zlib

MAX_OBJECTS = 100000        # of all names, in one pass
MAX_ITEMS = 3000000         # elements of all containers, in one pass
MAX_BYTES = 512 * 2**20     # of all arrays, in one pass
MAX_SECONDS = 0.5           # of one pass

_ATOMS = (int, float, complex, bool, str, bytes, type(None), type(Ellipsis), type(NotImplemented),
          range, slice, types.CodeType, types.MethodDescriptorType,
          types.WrapperDescriptorType, types.GetSetDescriptorType, types.MemberDescriptorType,
          weakref.ReferenceType)
_EXACT = (str, bytes, int, bool, float)
# Modules of C types whose content never changes, and of those that hold more than they show.
_FIXED = {"datetime", "_datetime", "decimal", "_decimal", "re", "_sre", "uuid", "fractions",
          "pathlib", "pathlib._local", "enum", "ipaddress", "zoneinfo"}
_HIDDEN = {"_ctypes", "_io", "_random", "_thread", "_csv", "_sqlite3", "itertools", "_hashlib",
           "_socket", "_ssl", "zlib", "_bz2", "_lzma"}
_HELD = ("_ndarray", "_data", "_mask", "_codes", "_left", "_right")


class Limit(Exception):
    """The pass has taken all that it may."""


def _module_of(cls):
    module = type.__getattribute__(cls, "__module__")  # whatever its metaclass would do
    return module if type(module) is str else ""


class _Kind:
    """What is known of a class."""

    def __init__(self, kind):
        self.module = _module_of(kind)
        self.members, self.iterates, self.hidden = [], False, False
        for cls in type.__getattribute__(kind, "__mro__"):
            fields = type.__getattribute__(cls, "__dict__")
            self.members += [(name, member) for name, member in list(fields.items())
                             if type(member) is types.MemberDescriptorType
                             and not name.startswith("__")]
            self.iterates = self.iterates or "__next__" in fields
            self.hidden = self.hidden or _module_of(cls) in _HIDDEN


class Pass:
    """Fingerprints of what is reached from objects."""

    def __init__(self):
        self._end = time.perf_counter() + MAX_SECONDS
        self._items = self._bytes = 0
        self.prints = {}     # by id
        self.memory = {}     # by id: ids of the arrays in whose memory its content lies
        self._reached = {}   # by id: the objects it refers to
        self._unclear = set()
        self._kinds = {}
        self._numpy = sys.modules.get("numpy")
        self._pandas = sys.modules.get("pandas")

    def of(self, value):
        """(ids of all that is reached, whether all of it can be told). Raises Limit."""
        ids, stack, clear = set(), [value], True
        while stack:
            one = stack.pop()
            key = id(one)
            if key in ids:
                continue
            ids.add(key)
            if key not in self._reached:
                if len(self._reached) >= MAX_OBJECTS or time.perf_counter() > self._end:
                    raise Limit
                self._add(key, one)
            if key in self._unclear:
                clear = False
            stack.extend(self._reached[key])
            ids |= self.memory.get(key, set())
        return ids, clear

    def _add(self, key, value):
        parts = []
        try:
            printed = self._print(value, parts)
        except Limit:
            raise
        except Exception:
            printed = None
        if printed is None:
            self._unclear.add(key)
        self.prints[key] = printed
        self._reached[key] = parts

    def _take(self, items):
        self._items += items
        if self._items > MAX_ITEMS:
            raise Limit

    # ---- kinds of objects ------------------------------------------------------------------

    def _print(self, value, parts):
        """The print of the object itself; what it refers to goes into `parts`."""
        kind = type(value)
        for base in (list, tuple, collections.deque):
            if issubclass(kind, base):
                own = self._sequence(list(base.__iter__(value)), parts)
                return own, self._fields(value, kind, parts)
        if issubclass(kind, dict):
            keys = self._sequence(list(dict.keys(value)), parts)
            values = self._sequence(list(dict.values(value)), parts)
            return keys, values, self._fields(value, kind, parts)
        for base in (set, frozenset):
            if issubclass(kind, base):
                items = list(base.__iter__(value))
                self._take(len(items))
                own = frozenset([self._mark(item, parts) for item in items])
                return own, self._fields(value, kind, parts)
        if issubclass(kind, (bytearray, array.array)):
            return self._buffer(memoryview(value))
        if kind is types.FunctionType:
            parts += [value.__dict__, value.__defaults__ or (), value.__kwdefaults__ or ()]
            parts += value.__closure__ or ()
            return id(value.__code__)
        if kind is types.MethodType:
            parts.append(value.__self__)
            return id(value.__func__)
        if kind is types.BuiltinFunctionType:
            if not isinstance(value.__self__, types.ModuleType):
                parts.append(value.__self__)
            return value.__name__
        if kind is _Cell:
            try:
                return "cell", self._mark(value.cell_contents, parts)
            except ValueError:
                return "empty"
        if issubclass(kind, type):
            return self._class(value, parts)
        return self._object(value, kind, parts)

    def _mark(self, value, parts):
        """Of an element: its value when that never changes, else which object it is."""
        kind = type(value)
        if kind in _EXACT:
            return kind, hash(value) if value == value else "nan"
        if not issubclass(kind, _ATOMS):
            parts.append(value)
        return id(value)

    def _sequence(self, items, parts):
        self._take(len(items))
        return hash(tuple([self._mark(item, parts) for item in items]))

    def _class(self, value, parts):
        if _module_of(value) != "__main__":
            return id(value)
        fields = list(type.__getattribute__(value, "__dict__").items())
        return tuple([(name, self._mark(member, parts)) for name, member in fields
                      if not name.startswith("__")])

    def _object(self, value, kind, parts):
        numpy, pandas = self._numpy, self._pandas
        if numpy is not None and issubclass(kind, numpy.ndarray):
            return self._array(value, parts)
        known = self._kind(kind)
        if pandas is not None and known.module.partition(".")[0] == "pandas":
            printed = self._pandas_object(value, kind, parts)
            if printed is not None:
                return printed
        if known.module.startswith("torch") and hasattr(kind, "data_ptr"):
            parts.append(object.__getattribute__(value, "__dict__"))
            return value._version, value.data_ptr()
        if known.hidden:
            return None
        if known.iterates and known.module == "builtins":
            left = operator.length_hint(value, -1)
            return None if left < 0 else left
        printed = self._fields(value, kind, parts)
        if printed is not None and printed != ():
            return printed
        if issubclass(kind, _ATOMS):
            return self._mark(value, [])
        if numpy is not None and issubclass(kind, (numpy.generic, numpy.dtype)):
            return "fixed"
        if known.module in _FIXED or known.module.startswith("pandas._libs"):
            return "fixed"
        # A plain object() has nothing; another type's content is its own affair.
        return "plain" if kind is object else None

    def _kind(self, kind):
        known = self._kinds.get(kind)
        if known is None:
            known = self._kinds[kind] = _Kind(kind)
        return known

    def _fields(self, value, kind, parts):
        """Of an object with fields of its own: slots and __dict__; () when it has none."""
        printed = []
        for name, member in self._kind(kind).members:
            try:
                printed.append((name, self._mark(member.__get__(value), parts)))
            except AttributeError:
                printed.append((name, "unset"))
        try:
            fields = object.__getattribute__(value, "__dict__")
        except AttributeError:
            return tuple(printed)
        if type(fields) is dict:
            parts.append(fields)
            printed.append(("__dict__", id(fields)))
        return tuple(printed)

    # ---- numpy and pandas ------------------------------------------------------------------

    def _buffer(self, data):
        self._bytes += data.nbytes
        if self._bytes > MAX_BYTES:
            raise Limit
        return data.nbytes, zlib.crc32(data)

    def _owner(self, value):
        ndarray = self._numpy.ndarray
        while issubclass(type(ndarray.base.__get__(value)), ndarray):
            value = ndarray.base.__get__(value)
        return value

    def _array(self, value, parts):
        numpy = self._numpy
        owner = self._owner(value)
        self.memory[id(value)] = {id(owner)}
        plain = numpy.ndarray.view(value, numpy.ndarray)
        printed = (plain.shape, plain.strides, str(plain.dtype), self._content(plain, parts))
        if owner is not value:
            parts.append(owner)
        try:
            fields = object.__getattribute__(value, "__dict__")
        except AttributeError:
            return printed
        parts.append(fields)
        return printed

    def _content(self, plain, parts):
        numpy = self._numpy
        if plain.dtype.hasobject:
            return self._sequence(plain.ravel().tolist(), parts)
        if not plain.size:
            return 0
        if not plain.flags.c_contiguous:
            if plain.flags.f_contiguous:
                plain = plain.T
            else:
                plain = numpy.ascontiguousarray(plain)
        return self._buffer(memoryview(plain.reshape(-1).view(numpy.uint8)))

    def _pandas_object(self, value, kind, parts):
        pandas = self._pandas
        if issubclass(kind, pandas.core.generic.NDFrame):
            return self._frame(value, parts)
        if issubclass(kind, pandas.Index):
            return tuple([str(name) for name in value.names]), len(value)  # its values stay
        if issubclass(kind, pandas.api.extensions.ExtensionArray):
            held = [getattr(value, name, None) for name in _HELD]
            held = [one for one in held if one is not None]
            parts += held
            return tuple([id(one) for one in held]) if held else None
        return None

    def _frame(self, value, parts):
        """By columns: pandas joins the memory of columns when it likes, also where one only
        reads."""
        numpy = self._numpy
        manager = object.__getattribute__(value, "_mgr")
        parts += manager.axes
        parts.append(object.__getattribute__(value, "_attrs"))
        columns, memory = [], set()
        for block in manager.blocks:
            held = block.values
            places = block.mgr_locs.as_array.tolist()
            if not issubclass(type(held), numpy.ndarray):
                parts.append(held)
                columns += [(place, id(held)) for place in places]
                continue
            memory.add(id(self._owner(held)))
            rows = [held] if held.ndim == 1 else list(held)
            columns += [(place, str(held.dtype), self._content(row, parts))
                        for place, row in zip(places, rows)]
        self.memory[id(value)] = memory
        return tuple([id(axis) for axis in manager.axes]), tuple(sorted(columns, key=_first))


_first = operator.itemgetter(0)
_Cell = type((lambda x: lambda: x)(0).__closure__[0])


class Prints:
    """What the names of a namespace reach, before and after a cell."""

    def __init__(self, namespace):
        self._namespace = namespace
        self._names = set(namespace)
        self._roots = {}      # name: (id of its object, ids reached, clear)
        self._before = {}     # prints by id
        self._complete = True

    def take(self, names):
        first = Pass()
        for name in sorted(names):
            value = self._namespace[name]
            try:
                self._roots[name] = (id(value),) + _reached(first, value)
            except Limit:
                self._complete = False
                break
        self._before = first.prints

    def changed(self, candidates, mutations, is_own):
        """(names whose objects changed in place, whether nothing was left out). Where content
        cannot be told, `mutations`, which the text suggests, are taken at their word."""
        second = Pass()
        names, ids = set(), set()
        for name in sorted(candidates & self._names):
            if name not in self._roots:
                names |= {name} & mutations
                continue
            root, before, clear = self._roots[name]
            value = self._namespace.get(name)
            if id(value) != root:
                # Bound anew: what it was may have been changed before, and have other names.
                if name in mutations:
                    ids |= before
                continue
            try:
                after, clear_now = _reached(second, value)
            except Limit:
                return names | (mutations & candidates), False
            moved = {key for key in before & after
                     if self._before.get(key) != second.prints.get(key)}
            if moved:
                names.add(name)
                ids |= moved.union(*[second.memory.get(key, ()) for key in moved])
            elif not (clear and clear_now) and (name in mutations or _iterates(value)):
                names.add(name)
                ids.add(root)
        others, whole = self._sharing(ids, names, second, is_own) if ids else (set(), True)
        return names | others, self._complete and whole

    def _sharing(self, ids, known, second, is_own):
        """Other names that reach one of the objects."""
        found = set()
        for name, value in list(self._namespace.items()):
            if name in known or not is_own(name):
                continue
            try:
                if _reached(second, value)[0] & ids:
                    found.add(name)
            except Limit:
                return found, False
        return found & self._names, True


def _reached(one_pass, value):
    if issubclass(type(value), types.ModuleType):
        return {id(value)}, False
    return one_pass.of(value)


def _iterates(value):
    return any("__next__" in type.__getattribute__(cls, "__dict__")
               for cls in type.__getattribute__(type(value), "__mro__"))
