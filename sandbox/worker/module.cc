// The worker module of one CPython minor: starts the interpreter, gives Python the builtin module
// _nbreplay, and runs nbreplay_worker.main. What decides the order of output (encoding, waiting
// for the controller, writing to the streams) is here and not in Python, where a notebook could
// change it by accident.
#include <fcntl.h>
#include <pybind11/embed.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "nbreplay/base/check.h"
#include "nbreplay/protocol/codec.h"

#include "control.h"
#include "convert.h"
#include "fork_safety_module.h"
#include "freezer.h"
#include "interpreter.h"
#include "murmur.h"
#include "network_note.h"

namespace nbreplay::worker {
namespace {

using protocol::Message;
using protocol::Request;

/// One per process and never destroyed: threads of the notebook may print until the very end.
Control* g_control = nullptr;
protocol::Configure* g_configure = nullptr;

template <class M>
M load(py::handle from) {
  M message;
  FromPython().load(from, message);
  return message;
}

template <class M>
void send(py::handle from) {
  const Message message = load<M>(from);
  const py::gil_scoped_release unlocked;
  g_control->send(message);
}

void send_output(py::handle from) {
  const Message message = load<protocol::Output>(from);
  const py::gil_scoped_release unlocked;
  g_control->send_in_order(message);
}

/// (kind, fields): kind is the request's index in protocol::Request.
py::object take_request() {
  std::optional<Request> request;
  {
    const py::gil_scoped_release unlocked;
    request = g_control->take_request();
  }
  if (!request) return py::none();
  py::object converted = std::visit([](const auto& r) { return ToPython().convert(r); }, *request);
  return py::make_tuple(request->index(), converted);
}

void write(int stream, py::handle value) {
  const std::string text = to_text(value);
  std::string_view rest = text;
  while (true) {
    int problem = 0;
    {
      const py::gil_scoped_release unlocked;
      problem = g_control->write_stream(stream, rest);
    }
    if (problem == 0) return;
    if (problem == EINTR) {
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
      continue;
    }
    errno = problem;
    PyErr_SetFromErrno(PyExc_OSError);
    throw py::error_already_set();
  }
}

/// Ends without finalising the interpreter: extension modules often crash there, and what a
/// finalised interpreter would still run (atexit handlers) the caller has run.
void leave(int code) {
  (void)std::fflush(nullptr);
  ::_exit(code);
}

/// The socket that came for the copy is of no use.
void refuse_snapshot(py::handle hazards) {
  for (const int descriptor : g_control->take_descriptors()) ::close(descriptor);
  protocol::SnapshotReply reply;
  FromPython().load(hazards, reply.hazards);
  const py::gil_scoped_release unlocked;
  g_control->send(reply);
}

/// None in the process that asked, (folder, [(name, value), ...]) in every runner.
py::object freeze_worker() {
  const std::optional<protocol::ForkRunner> asked = freeze(*g_control, g_configure->sandboxed);
  return asked ? ToPython().convert(*asked) : py::object(py::none());
}

bool has_fault_pipe() {
  return ::fcntl(protocol::kFaultFd, F_GETFD) >= 0;
}

PYBIND11_EMBEDDED_MODULE(_nbreplay, m) {
  m.def("configuration", [] { return ToPython().convert(*g_configure); });
  m.def("wake_fds", [] { return py::make_tuple(g_control->socket(), g_control->wake_fd()); });
  m.def("take_request", &take_request);
  m.def("write", &write);
  m.def("output", &send_output);
  m.def("ready", &send<protocol::Ready>);
  m.def("setup_failed", &send<protocol::SetupFailed>);
  m.def("cell_done", &send<protocol::CellDone>);
  m.def("requirement", &send<protocol::Requirement>);
  m.def("note", &send<protocol::Note>);
  m.def("cell_facts", &send<protocol::CellFactsReply>);
  m.def("finished", &send<protocol::Finished>);
  m.def("view_entered", &send<protocol::ViewEntered>);
  m.def("own_descriptors", [] { return ToPython().convert(g_control->descriptors()); });
  m.def("no_snapshot", &refuse_snapshot);
  m.def("freeze", &freeze_worker);
  m.def("frozen_copies", [] { return ToPython().convert(frozen_copies()); });
  m.def("in_forked_child", [] { return g_control->in_forked_child(); });
  m.def("murmur2", [](const py::bytes& data) { return murmur2(std::string(data)); });
  m.def("leave", &leave);
  define_fork_safety(m);
  m.attr("FAULT_FD") = g_control != nullptr && has_fault_pipe() ? protocol::kFaultFd : -1;
}

int fail(const std::string& stage, const std::string& message) {
  g_control->send(protocol::SetupFailed{stage, message});
  return 3;
}

/// The package's folder stays on sys.path only while it is imported.
py::object import_package() {
  py::list path = py::module_::import("sys").attr("path");
  path.insert(0, from_text(g_configure->worker_package));
  py::object main = py::module_::import("nbreplay_worker.main");
  path.attr("pop")(0);
  return main;
}

int run_python() {
  try {
    return import_package().attr("run")().cast<int>();
  } catch (const py::error_already_set& error) {
    return fail("interpreter", error.what());
  }
}

/// A worker never reads what the person types: its standard input is empty.
void close_standard_input() {
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null > 0) {
    ::dup2(null, STDIN_FILENO);
    ::close(null);
  }
}

}  // namespace

int worker_main() {
  g_control = new Control(protocol::kControlFd);
  if (has_fault_pipe()) ::fcntl(protocol::kFaultFd, F_SETFD, FD_CLOEXEC);
  close_standard_input();
  const Request first = g_control->wait_request();
  const auto* configure = std::get_if<protocol::Configure>(&first);
  if (configure == nullptr) return fail("interpreter", "the first request was not Configure");
  if (configure->version != protocol::kProtocolVersion) {
    return fail("worker", kOtherVersion);
  }
  g_configure = new protocol::Configure(*configure);
  if (const std::string problem = start_interpreter(*configure); !problem.empty()) {
    return fail("interpreter", problem);
  }
  if (configure->network_closed) note_network_use(*g_control);
  leave(run_python());
  return 0;
}

}  // namespace nbreplay::worker

extern "C" __attribute__((visibility("default"))) int nbreplay_worker_main(int, char**) {
  return nbreplay::worker::worker_main();
}
