"""Rich output: from IPython's objects to the JSON that a notebook stores."""
import binascii
import datetime
import json
import math
import numbers
import pathlib
import threading

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher

import _nbreplay
from . import wire


def _default(value):
    """What JSON lacks, as Jupyter's messages write it."""
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            value = value.astimezone()
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes):
        return binascii.b2a_base64(value, newline=False).decode("ascii")
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, pathlib.PurePath):
        return str(value)
    if hasattr(value, "__iter__"):
        return list(value)
    raise TypeError("%r is not JSON serializable" % (value,))


def _finite(value):
    """`value` with NaN and infinities as text, which JSON has no numbers for."""
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value


def to_json(value):
    try:
        return json.dumps(value, default=_default, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(json.loads(json.dumps(value, default=_default))),
                          allow_nan=False)


def _bundle(data, metadata):
    """JSON of data and metadata; a note in place of what is too large to keep."""
    data_json, metadata_json = to_json(data), to_json(metadata or {})
    size = len(data_json) + len(metadata_json)
    if size <= wire.MAX_DISPLAY:
        return data_json, metadata_json
    note = "<output of %.1f MiB, which nbreplay does not keep: %s>" % (
        size / 2**20, ", ".join(sorted(map(str, data)))[:200])
    return to_json({"text/plain": note}), "{}"


class Sink:
    """Where rich outputs go: to the controller, or to an Output widget that is capturing."""

    def __init__(self):
        self.capture = None

    def send(self, kind, data, metadata=None, display_id=""):
        data_json, metadata_json = _bundle(data, metadata)
        if self.capture is not None and not _nbreplay.in_forked_child():
            self.capture(kind, json.loads(data_json), json.loads(metadata_json))
        else:
            _nbreplay.output((kind, data_json, metadata_json, str(display_id or "")))

    def error(self, name, value, lines):
        self.send(wire.ERROR, {"ename": name, "evalue": value, "traceback": lines})

    def clear(self, wait):
        self.send(wire.CLEAR_WAIT if wait else wire.CLEAR, {})


sink = Sink()


class _Hooks:
    """register_hook() as ipykernel's publishers have it: functions of a message, per thread."""

    def _hook_list(self):
        local = self.__dict__.setdefault("_nbreplay_hooks", threading.local())
        if not hasattr(local, "hooks"):
            local.hooks = []
        return local.hooks

    def register_hook(self, hook):
        self._hook_list().append(hook)

    def unregister_hook(self, hook):
        try:
            self._hook_list().remove(hook)
            return True
        except ValueError:
            return False

    def _pass_hooks(self, message_type, content):
        message = {"header": {"msg_type": message_type}, "msg_type": message_type,
                   "parent_header": {}, "metadata": {}, "content": content}
        for hook in self._hook_list():
            message = hook(message)
            if message is None:
                return None
        return message["content"]


class ZMQDisplayPublisher(_Hooks, DisplayPublisher):
    def publish(self, data, metadata=None, *, transient=None, update=False, **kwargs):
        self._validate_data(data, metadata or {})
        display_id = (transient or {}).get("display_id", "")
        content = self._pass_hooks(
            "update_display_data" if update else "display_data",
            {"data": data, "metadata": metadata or {}, "transient": transient or {}})
        if content is not None:
            kind = wire.UPDATE if update else wire.DISPLAY
            sink.send(kind, content["data"], content["metadata"], display_id)

    def clear_output(self, wait=False):
        if self._pass_hooks("clear_output", {"wait": wait}) is not None:
            sink.clear(wait)


class ZMQShellDisplayHook(_Hooks, DisplayHook):
    """Collects one result, then sends it. `msg` is set meanwhile, as in a kernel."""

    msg = None

    def start_displayhook(self):
        self._is_active = True
        self.msg = {"data": {}, "metadata": {}}

    def write_output_prompt(self):
        pass  # The controller numbers results when the cell is done.

    def write_format_data(self, format_dict, md_dict=None):
        if self.msg is not None:
            self.msg = {"data": format_dict, "metadata": md_dict}

    def finish_displayhook(self):
        self._is_active = False
        content, self.msg = self.msg, None
        if content and content["data"]:
            content = self._pass_hooks(
                "execute_result", dict(content, execution_count=self.prompt_count))
            if content is not None:
                sink.send(wire.RESULT, content["data"], content["metadata"])


for _class in (ZMQDisplayPublisher, ZMQShellDisplayHook):
    _class.__module__ = "ipykernel.zmqshell"
