"""Comms and widgets: this side plays the front end that nbclient plays for a kernel.

What widgets say is kept as nbclient keeps it, so that their state goes into the notebook's
metadata; Output widgets capture what a front end would let them capture.
"""
import base64
import json
import sys

from . import wire
from .display import sink, to_json
from .imports import after_import

_MIME = "application/vnd.jupyter.widget-state+json"


class _OutputWidget:
    """The front end's half of an ipywidgets.Output."""

    def __init__(self, front_end, comm, state):
        self._front_end = front_end
        self._comm = comm
        self._clear_first = False
        self.outputs = list(state.get("outputs") or [])
        self.changed = False

    def stream(self, name, text):
        self._begin()
        if self.outputs and self.outputs[-1].get("name") == name:
            self.outputs[-1]["text"] += text
        else:
            self.outputs.append({"output_type": "stream", "name": name, "text": text})

    def rich(self, kind, data, metadata):
        if kind in (wire.CLEAR, wire.CLEAR_WAIT):
            self.changed = True
            if kind == wire.CLEAR_WAIT:
                self._clear_first = True
            else:
                self.outputs = []
            return
        if kind == wire.UPDATE:
            return
        self._begin()
        if kind == wire.ERROR:
            self.outputs.append(dict(data, output_type="error"))
        elif kind == wire.RESULT:
            self.outputs.append({"output_type": "execute_result", "data": data,
                                 "metadata": metadata,
                                 "execution_count": self._front_end.execution_count()})
        else:
            self.outputs.append({"output_type": "display_data", "data": data,
                                 "metadata": metadata})

    def _begin(self):
        self.changed = True
        if self._clear_first:
            self._clear_first = False
            self.outputs = []

    def tell_kernel(self):
        """What a front end sends back; handled when the cell is over, as in a kernel."""
        self.changed = False
        data = {"method": "update", "state": {"outputs": self.outputs}, "buffer_paths": []}
        self._comm.handle_msg({"content": {"comm_id": self._comm.comm_id, "data": data},
                               "buffers": [], "metadata": {}})


class FrontEnd:
    def __init__(self):
        self._state = {}
        self._buffers = {}
        self._outputs = {}
        self._capturing = []
        self.execution_count = lambda: None

    def receive(self, comm, kind, data, buffers, target_name=None):
        """A comm message from the notebook."""
        data = json.loads(to_json(data))
        state = data.get("state") if isinstance(data, dict) else None
        if isinstance(state, dict):
            self._keep(comm.comm_id, state, data.get("buffer_paths") or [], buffers)
            if kind == "comm_open" and target_name == "jupyter.widget" and \
                    state.get("_model_module") == "@jupyter-widgets/output":
                self._outputs[comm.comm_id] = _OutputWidget(self, comm, state)
            elif kind == "comm_msg" and "msg_id" in state and comm.comm_id in self._outputs:
                self._capture(self._outputs[comm.comm_id], bool(state["msg_id"]))

    def _keep(self, comm_id, state, paths, buffers):
        self._state.setdefault(comm_id, {}).update(state)
        for path, buffer in zip(paths, buffers):
            self._buffers.setdefault(comm_id, {})[tuple(path)] = {
                "data": base64.b64encode(bytes(buffer)).decode("ascii"),
                "encoding": "base64", "path": path}

    def _capture(self, widget, begin):
        if begin:
            self._capturing.append(widget)
        elif widget in self._capturing:
            self._capturing.remove(widget)
        top = self._capturing[-1] if self._capturing else None
        sink.capture = top.rich if top else None
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "capture"):
                stream.capture = top.stream if top else None

    def end_of_cell(self):
        for comm_id, widget in list(self._outputs.items()):
            if widget.changed:
                self._state.setdefault(comm_id, {})["outputs"] = widget.outputs
                try:
                    widget.tell_kernel()
                except Exception:
                    import traceback
                    traceback.print_exc()

    def widget_state(self):
        """The notebook's metadata.widgets as JSON; empty without widgets."""
        if not self._state:
            return ""
        models = {}
        for model_id, state in self._state.items():
            if "_model_name" not in state:
                continue
            models[model_id] = {
                "model_name": state["_model_name"],
                "model_module": state.get("_model_module"),
                "model_module_version": state.get("_model_module_version"), "state": state}
            if model_id in self._buffers:
                models[model_id]["buffers"] = list(self._buffers[model_id].values())
        return to_json({_MIME: {"state": models, "version_major": 2, "version_minor": 0}})


front_end = FrontEnd()


def _publish(self, msg_type, data=None, metadata=None, buffers=None, **keys):
    front_end.receive(self, msg_type, data or {}, buffers or [],
                      keys.get("target_name", self.target_name))


def use_comm_module(comm):
    """Makes the module `comm`, the environment's or ours, talk to our front end."""

    class Comm(comm.base_comm.BaseComm):
        publish_msg = _publish

        @property
        def kernel(self):
            # ipywidgets sends nothing through a comm that has no kernel.
            from IPython import get_ipython
            return get_ipython().kernel

    manager = comm.get_comm_manager

    def install(*ignored):
        comm.create_comm = Comm
        comm.get_comm_manager = manager

    install()
    # The environment's own kernel puts its comms in their place when it is imported.
    after_import.add("ipykernel.ipkernel", install)


def use_ipykernel_comms(module):
    """The same for the environment's own ipykernel.comm.comm, which older ipywidgets import."""
    base = getattr(module, "BaseComm", None)
    if base is not None and hasattr(base, "publish_msg"):
        base.publish_msg = _publish
