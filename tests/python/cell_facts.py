"""Facts by the names of their fields."""
from nbreplay_worker import facts

FIELDS = ("problem", "definitions", "possible_definitions", "uses", "deferred_uses", "mutations",
          "deletions", "imports", "files", "statements", "edits", "string_keys", "opaque",
          "random", "seeds")


def facts_of(*sources):
    """The facts of the first of some cells of one notebook."""
    answers = facts.parse_cells(list(sources))
    assert len(answers) == len(sources)
    return dict(zip(FIELDS, answers[0]))


def names(found, field):
    return [name for name, _ in found[field]]


def data_of(source):
    return source.encode("utf-8", "surrogatepass")


def edited(source, edit):
    _, begin, end, replacement, _ = edit
    data = data_of(source)
    return (data[:begin] + replacement.encode() + data[end:]).decode("utf-8", "surrogatepass")


def results_of(source, kind):
    """The sources that the edits of a kind lead to."""
    return {edited(source, edit) for edit in facts_of(source)["edits"] if edit[4] == kind}
