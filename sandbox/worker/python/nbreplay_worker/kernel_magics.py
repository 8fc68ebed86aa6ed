"""The magics that Jupyter's kernel adds to IPython's, and those that would install packages."""
from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class

from . import packages

_MANAGERS = ("conda", "mamba", "micromamba", "uv")
_SCRIPTS = ("bash", "sh")


@magics_class
class KernelMagics(Magics):
    @line_magic
    def clear(self, line):
        self.shell.system("clear")

    @line_magic
    def less(self, line):
        if not line:
            raise UsageError("Missing filename.")
        with open(line) as file:
            self.shell._page(file.read())

    line_magic("more")(less)

    @line_magic
    def man(self, line):
        from IPython.utils.process import getoutput
        self.shell._page(getoutput("man %s | col -b" % line))

    @line_magic
    def autosave(self, line):
        from IPython.display import Javascript, display
        try:
            seconds = int(line)
        except ValueError:
            raise UsageError("%%autosave requires an integer, got %r" % line)
        display(Javascript("IPython.notebook.set_autosave_interval(%i)" % (1000 * seconds)),
                include=["application/javascript"])
        print("Autosaving every %i seconds" % seconds if seconds else "Autosave disabled")


def guard_line_magic(name, magic):
    """The magic, or for %conda and the like one that changes nothing.

    %pip needs no guard: it goes through the shell's `system`.
    """
    if name not in _MANAGERS:
        return magic

    def guarded(line):
        if packages.system("%s %s" % (name, line)) is None:
            if magic is None:
                raise UsageError("Line magic function `%%%s` not found." % name)
            return magic(line)
    return guarded


def guard_cell_magic(name, magic):
    """The magic, or for shell scripts one whose script changes no environment."""
    if name not in _SCRIPTS or magic is None:
        return magic

    def guarded(line, cell):
        return magic(line, packages.without_changes(cell))
    return guarded
