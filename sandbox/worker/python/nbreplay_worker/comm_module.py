"""The public face of the package `comm`, for environments without it."""
import uuid


class BaseComm:
    """One end of a conversation with the front end; opens itself when it is the primary end."""

    def __init__(self, target_name="comm", data=None, metadata=None, buffers=None, comm_id=None,
                 primary=True, target_module=None, topic=None, **kwargs):
        self.comm_id = comm_id or uuid.uuid4().hex
        self.primary = primary
        self.target_name = target_name
        self.target_module = target_module
        self.topic = topic or ("comm-" + self.comm_id).encode("ascii")
        self._on_message = None
        self._on_close = None
        self._closed = not primary
        if primary:
            self.open(data, metadata, buffers)

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        raise NotImplementedError("publish_msg Comm method is not implemented")

    def open(self, data=None, metadata=None, buffers=None):
        manager().register_comm(self)
        self._closed = False
        self.publish_msg("comm_open", data=data, metadata=metadata, buffers=buffers,
                         target_name=self.target_name, target_module=self.target_module)

    def close(self, data=None, metadata=None, buffers=None, deleting=False):
        if self._closed:
            return
        self._closed = True
        self.publish_msg("comm_close", data=data, metadata=metadata, buffers=buffers)
        if not deleting:
            manager().unregister_comm(self)

    def send(self, data=None, metadata=None, buffers=None):
        self.publish_msg("comm_msg", data=data, metadata=metadata, buffers=buffers)

    def on_msg(self, callback):
        self._on_message = callback

    def on_close(self, callback):
        self._on_close = callback

    def handle_msg(self, msg):
        if self._on_message:
            self._on_message(msg)

    def handle_close(self, msg):
        if self._on_close:
            self._on_close(msg)


class CommManager:
    def __init__(self):
        self.comms = {}
        self.targets = {}

    def register_target(self, target_name, f):
        self.targets[target_name] = f

    def unregister_target(self, target_name, f):
        return self.targets.pop(target_name)

    def register_comm(self, comm):
        self.comms[comm.comm_id] = comm
        return comm.comm_id

    def unregister_comm(self, comm):
        self.comms.pop(comm.comm_id)

    def get_comm(self, comm_id):
        return self.comms.get(comm_id)


_manager = CommManager()


def manager():
    return _manager
