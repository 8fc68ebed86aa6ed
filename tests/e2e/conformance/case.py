"""What a conformance case is, and how it becomes a notebook."""
import dataclasses
import json


@dataclasses.dataclass(frozen=True)
class Case:
    """One small notebook. `cells` are sources, or (source, tag, ...) where a cell has tags."""

    name: str
    #: The Jupyter semantics it is about, in a few words.
    about: str
    cells: tuple
    #: True: execution stops at the first error, as nbclient does by default.
    stop: bool = False

    def notebook(self):
        cells = []
        for number, entry in enumerate(self.cells, 1):
            source, *tags = (entry,) if isinstance(entry, str) else entry
            kind = "markdown" if "markdown" in tags else "code"
            tags = [tag for tag in tags if tag != "markdown"]
            cell = {"cell_type": kind, "id": "cell-%d" % number,
                    "metadata": {"tags": tags} if tags else {}, "source": source}
            if kind == "code":
                cell.update(execution_count=None, outputs=[])
            cells.append(cell)
        return {"cells": cells, "nbformat": 4, "nbformat_minor": 5,
                "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3",
                                            "language": "python"},
                             "language_info": {"name": "python"}}}

    def write(self, folder):
        """Writes the notebook into a folder of its own, and says where."""
        home = folder / self.name
        home.mkdir(parents=True)
        path = home / (self.name + ".ipynb")
        path.write_text(json.dumps(self.notebook()), encoding="utf-8")
        return path


def case(name, about, *cells, stop=False):
    return Case(name, about, cells, stop)
