"""Kernels forked from a process that has done their imports: two thirds of a kernel's start.

`use()` puts this in place of jupyter_client's way to start a process. The process that forks,
`python kernels.py`, has imported ipykernel and what every kernel imports as it starts, and has done
nothing else; a fork of it goes on as `python -m ipykernel_launcher` would.
"""
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import threading

#: They bring nearly all that is in sys.modules of a kernel that has just started.
IMPORTS = ("ipykernel.kernelapp", "ipykernel.debugger", "IPython.core.completerlib",
           "IPython.core.oinspect", "IPython.extensions.storemagic", "psutil", "pydoc", "sqlite3",
           "tornado.platform.asyncio")


def use():
    from jupyter_client.provisioning import local_provisioner

    server = subprocess.Popen([sys.executable, os.path.abspath(__file__)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)

    def launch_kernel(command, env, cwd, **_):
        request = {"argv": command, "env": env, "cwd": cwd}
        server.stdin.write(json.dumps(request) + "\n")
        server.stdin.flush()
        pid = server.stdout.readline()
        if not pid:
            sys.exit("kernels.py ended: see its words above")
        return Kernel(int(pid))

    local_provisioner.launch_kernel = launch_kernel


class Kernel:
    """What jupyter_client wants of a subprocess.Popen. How the process ended is not known."""

    stdin = stdout = stderr = None

    def __init__(self, pid):
        self.pid = pid
        try:
            self._handle = os.pidfd_open(pid)
        except ProcessLookupError:
            self._handle = None

    def _has_ended(self, *timeout):
        return self._handle is None or select.select([self._handle], [], [], *timeout)[0] != []

    def poll(self):
        return 0 if self._has_ended(0) else None

    def wait(self):
        self._has_ended()
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        return 0

    def send_signal(self, number):
        if not self._has_ended(0):
            signal.pidfd_send_signal(self._handle, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)


def serve():
    requests, replies = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    del sys.path[0]  # this folder
    os.environ["JPY_PARENT_PID"] = str(os.getpid())  # ipykernel reads it when it is imported
    for module in IMPORTS:
        __import__(module)
    assert threading.active_count() == 1
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel collects those that end
    for line in requests:
        if os.fork() == 0:
            os.setsid()
            # Not before it leads a group: jupyter_client sends its signals to the kernel's group.
            print(os.getpid(), file=replies, flush=True)
            requests.close()
            replies.close()
            become_kernel(**json.loads(line))


def become_kernel(argv, env, cwd):
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    _, option, module, *arguments = argv
    assert (option, module) == ("-m", "ipykernel_launcher"), argv
    sys.argv = [module, *arguments]  # run_module puts the file's name first
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    serve()
