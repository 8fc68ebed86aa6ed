#include "network_note.h"

#include <Python.h>

#include <cstring>
#include <string>
#include <string_view>

#include "nbreplay/protocol/messages.h"

namespace nbreplay::worker {
namespace {

bool g_noted = false;

bool is_local(std::string_view host) {
  const bool is_number = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host.empty() || host == "localhost" || host == "ip6-localhost" || host == "::1" ||
         host == "::" || host == "0.0.0.0" || (is_number && host.starts_with("127."));
}

/// The host that an event names; empty when it names none.
std::string host_of(PyObject* arguments, Py_ssize_t place) {
  if (arguments == nullptr || !PyTuple_Check(arguments) || PyTuple_GET_SIZE(arguments) <= place)
    return {};
  PyObject* host = PyTuple_GET_ITEM(arguments, place);
  // An address of the internet is a tuple; one of a local socket is text.
  if (place == 1)
    host = PyTuple_Check(host) && PyTuple_GET_SIZE(host) > 0 ? PyTuple_GET_ITEM(host, 0) : nullptr;
  if (host == nullptr) return {};
  if (PyBytes_Check(host)) return PyBytes_AS_STRING(host);
  if (!PyUnicode_Check(host)) return {};
  const char* text = PyUnicode_AsUTF8(host);
  if (text == nullptr) PyErr_Clear();
  return text == nullptr ? std::string() : std::string(text);
}

int hook(const char* event, PyObject* arguments, void* control) {
  if (g_noted || std::strncmp(event, "socket.", 7) != 0) return 0;
  const std::string_view what = event + 7;
  std::string host;
  if (what == "getaddrinfo" || what == "gethostbyname") {
    host = host_of(arguments, 0);
  } else if (what == "connect" || what == "sendto") {
    host = host_of(arguments, 1);
  }
  if (is_local(host)) return 0;
  g_noted = true;
  static_cast<Control*>(control)->send(protocol::Note{"the notebook asked for the network (" +
                                                      host.substr(0, 200) +
                                                      "), which is closed; --network opens it"});
  return 0;
}

}  // namespace

void note_network_use(Control& control) {
  if (PySys_AddAuditHook(&hook, &control) != 0) PyErr_Clear();
}

}  // namespace nbreplay::worker
