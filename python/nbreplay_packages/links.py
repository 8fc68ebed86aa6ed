"""Merging folders by symbolic links.

Where only one source has an entry, one link stands for all below it. Where several have a folder
of that name (a namespace package, share/jupyter), it is made, and its content merged in turn. Of
several files the last source's wins, as with installing one after the other.
"""
import os


class Source:
    """A folder to link to; `keeps(path)` says whether an entry below it is linked, made anew from
    several links (nothing: look at each below), or left out."""

    def __init__(self, folder, keeps=None):
        self.folder = folder
        self._keeps = keeps

    def entries(self, path):
        """[(name, whether all below it may be linked)]"""
        try:
            names = os.listdir(os.path.join(self.folder, path))
        except OSError:
            return []
        if not self._keeps:
            return [(name, True) for name in names]
        found = []
        for name in names:
            kept = self._keeps(os.path.join(path, name) if path else name)
            if kept is not False:
                found.append((name, kept is True))
        return found


def merge(sources, into, special=None, path=""):
    """Links what `sources` hold below `path` into the folder `into`, which is made when anything
    is to be put into it. `special(path, file)` may take care of a file itself: it gets the path
    of the entry and of its last source, and answers true when it did."""
    found = {}
    for source in sources:
        for name, whole in source.entries(path):
            found.setdefault(name, []).append((source, whole))
    for name in sorted(found):
        holders = found[name]
        entry = os.path.join(path, name) if path else name
        target = os.path.join(into, entry)
        last = os.path.join(holders[-1][0].folder, entry)
        if len(holders) > 1 or not holders[0][1]:
            folders = [source for source, _ in holders
                       if os.path.isdir(os.path.join(source.folder, entry))]
            if folders and folders[-1] is holders[-1][0]:
                merge(folders, into, special, entry)
                continue
        if special and special(entry, last):
            continue
        if not os.path.isdir(os.path.dirname(target)):
            os.makedirs(os.path.dirname(target))
        os.symlink(last, target)
