"""sys.stdout and sys.stderr of a notebook: write-through, like a kernel's in all that shows."""
import io

import _nbreplay


class OutStream(io.TextIOBase):
    """Named and shaped as ipykernel's class, so that errors about it read the same.

    Like that class it has no `buffer`. Every write reaches the descriptor at once: what C code
    and children write keeps its place between.
    """

    encoding = "UTF-8"
    errors = None

    def __init__(self, name, descriptor):
        self.name = name
        self.parent_header = {}
        self._descriptor = descriptor
        self._open = True
        # Set while an Output widget takes what is written.
        self.capture = None

    def write(self, string):
        if not isinstance(string, str):
            raise TypeError("write() argument must be str, not %s" % type(string))
        if not self._open:
            raise ValueError("I/O operation on closed file")
        if self.capture is not None and not _nbreplay.in_forked_child():
            self.capture(self.name, string)
        else:
            _nbreplay.write(self._descriptor, string)
        return len(string)

    def writelines(self, sequence):
        for string in sequence:
            self.write(string)

    def fileno(self):
        return self._descriptor

    def isatty(self):
        return False

    def writable(self):
        return True

    def flush(self):
        pass

    def close(self):
        self._open = False

    @property
    def closed(self):
        return not self._open

    def set_parent(self, parent):
        self.parent_header = parent


OutStream.__module__ = "ipykernel.iostream"
