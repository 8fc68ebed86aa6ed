"""Makes what may differ between any two runs equal. docs/conformance.md tells each rule.

The same rules apply to both sides; nothing here knows which executor it reads.
"""
import json
import re

_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

_RULES = [
    # The copy of the project that nbreplay runs a notebook in.
    (re.compile(r"[^\s\"'(]*/nbreplay-\w{6}/project/[\w-]+"), "FOLDER"),
    # Addresses, process and thread numbers, folders of one run.
    (re.compile(r"0x[0-9a-f]{6,16}\b"), "0xADDRESS"),
    (re.compile(r"[^\s\"'(]*/ipykernel_\d+/(\d+)\.py"), r"TMP/ipykernel_PID/\1.py"),
    (re.compile(r"ipykernel_\d+"), "ipykernel_PID"),
    (re.compile(r"(Process |process |pid[= ])\d+"), r"\1PID"),
    # Times.
    (re.compile(r"\d+(?:\.\d+)? ?(?:ns|[uµμ]s|ms|s)\b"), "TIME"),
    (re.compile(r"(CPU times: |Wall time: ).*"), r"\1TIME"),
    (re.compile(r"TIME ± TIME per loop"), "TIME per loop"),
    (re.compile(r"\d\d:\d\d<\d\d:\d\d, +[\d.?]+(?:it/s|s/it)"), "PROGRESS"),
    (re.compile(r"\[[\d:]+&lt;[\d:]+,[^\]]*\]"), "[PROGRESS]"),
    # Random identifiers: of styled tables, of temporary files.
    (re.compile(r"\b[0-9a-f]{32}\b"), "ID"),
    (re.compile(r"T_[0-9a-f]{5}"), "T_ID"),
    (re.compile(r"(tmp)[a-z0-9_]{8}\b"), r"\1RANDOM"),
]


def text(value, folders=()):
    """One text with what is particular to its run replaced."""
    for folder in sorted(folders, key=len, reverse=True):
        value = value.replace(folder, "FOLDER")
    for pattern, replacement in _RULES:
        value = pattern.sub(replacement, value)
    return value


def plain(value, folders=()):
    return text(_ESCAPES.sub("", value), folders)


_FRAME = re.compile(r"\s*(?:Cell In\[(?P<cell>\d+)\]|File (?P<file>.+?))(?:, line |:)(?P<line>\d+)"
                    r"(?:, in (?P<function>[^(\s]+))?")
_TITLE = re.compile(r"^(\w+) +Traceback \(most recent call last\)$")
# Frames of what runs the cells: the reader of a traceback learns nothing of the notebook there.
_MACHINERY = re.compile(r"/(?:ipykernel|IPython|nbreplay_worker)/")


def traceback(value, folders):
    """What a traceback tells: per exception its frames (cell or file, line, function), and what
    is said of the exception itself. How much source is shown around a frame is not compared."""
    told, in_frame, in_machinery = [], False, False
    for line in plain(value, folders).splitlines():
        frame, title = _FRAME.match(line), _TITLE.match(line)
        if frame:
            in_machinery = bool(frame["file"] and _MACHINERY.search(frame["file"]))
            where = "In[%s]" % frame["cell"] if frame["cell"] else frame["file"].split("/")[-1]
            if not in_machinery:
                told.append("%s:%s %s" % (where, frame["line"], frame["function"] or ""))
            in_frame = True
        elif title:
            told.append(title[1])
        elif line.startswith("Traceback (most recent call last)"):
            continue  # IPython says it above some syntax errors only
        elif not line.strip():
            in_frame = False
        elif "[... skipping" in line:
            told.append("[... skipping]")
        elif not in_frame and line.strip("-"):
            told.append(line.strip())
        elif re.match(r"\w*(?:Error|Exception|Warning|Exit|Interrupt)\b:?", line):
            told.append(line.strip())
    return told


def _joined(value):
    return "".join(value) if isinstance(value, list) else value


def _value(value, folders):
    if isinstance(value, str):
        return text(value, folders)
    if isinstance(value, list):
        return [_value(item, folders) for item in value]
    if isinstance(value, dict):
        return {text(key, folders): _value(item, folders) for key, item in value.items()}
    return value


def _bundle(data, folders):
    result = {}
    for mime, value in data.items():
        if isinstance(value, list) and not mime.endswith("json"):
            value = "".join(value)
        result[mime] = value if mime.startswith("image/p") else _value(value, folders)
    return result


def output(value, folders):
    kind = value["output_type"]
    if kind == "error":
        return {"output_type": kind, "ename": value["ename"],
                "evalue": plain(value["evalue"], folders),
                "traceback": traceback("\n".join(value["traceback"]), folders)}
    if kind == "stream":
        return {"output_type": kind, "name": value["name"], "text": _joined(value["text"])}
    result = {"output_type": kind, "data": _bundle(value["data"], folders),
              "metadata": _value(value.get("metadata", {}), folders)}
    if kind == "execute_result":
        result["execution_count"] = value.get("execution_count")
    return result


def outputs(values, folders):
    """A cell's outputs; between two others, each stream's text is joined, stdout first.

    A kernel buffers the two streams apart, so their order among themselves is not compared.
    """
    result, streams = [], {}

    def flush():
        for name in sorted(streams, reverse=True):
            if streams[name]:
                result.append({"output_type": "stream", "name": name,
                               "text": text(streams[name], folders)})
        streams.clear()

    for value in (output(item, folders) for item in values):
        if value["output_type"] == "stream":
            streams[value["name"]] = streams.get(value["name"], "") + value["text"]
        else:
            flush()
            result.append(value)
    flush()
    return result


def _model(model, folders):
    shown = model["state"].pop("outputs", None)
    model = _value(model, folders)
    if shown is not None:
        model["outputs"] = outputs(shown, folders)
    return model


_IDENTIFIER = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_WIDGETS = "application/vnd.jupyter.widget-state+json"


def notebook(document, folders=()):
    """Comparable parts: {"cell N": {"count", "outputs"}, "widgets": models or None}.

    Model ids are random; saved models are compared as a sorted list, every id read as ID.
    """
    state = document["metadata"].get("widgets", {}).get(_WIDGETS, {}).get("state", {})

    def without_ids(value):
        raw = json.dumps(value, sort_keys=True)
        for identifier in state:
            raw = raw.replace(identifier, "ID")
        return json.loads(_IDENTIFIER.sub("ID", raw))

    parts = {}
    for number, cell in enumerate(document["cells"], 1):
        if cell["cell_type"] == "code":
            parts["cell %d" % number] = {
                "count": cell["execution_count"],
                "outputs": outputs(without_ids(cell["outputs"]), folders)}
    models = [_model(without_ids(model), folders) for model in state.values()]
    parts["widgets"] = sorted(models, key=lambda model: json.dumps(model, sort_keys=True)) or None
    return parts
