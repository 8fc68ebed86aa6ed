#include "fork_safety_module.h"

#include <unistd.h>

#include <cstdint>

#include "nbreplay/protocol/codec.h"

#include "fork_safety.h"

namespace nbreplay::worker {
namespace {

namespace py = pybind11;

/// For a person: what no UTF-8 says becomes escapes.
py::object words(const std::string& text) {
  PyObject* value =
      PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "backslashreplace");
  if (value == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(value);
}

py::list words(const std::vector<std::string>& texts) {
  py::list list;
  for (const std::string& text : texts) list.append(words(text));
  return list;
}

/// As os.fsdecode().
py::object path(const std::string& bytes) {
  PyObject* value =
      PyUnicode_DecodeFSDefaultAndSize(bytes.data(), static_cast<Py_ssize_t>(bytes.size()));
  if (value == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(value);
}

std::string path_bytes(py::handle text) {
  PyObject* bytes = PyUnicode_EncodeFSDefault(text.ptr());
  if (bytes == nullptr) throw py::error_already_set();
  return std::string(py::reinterpret_steal<py::bytes>(bytes));
}

template <class T>
std::vector<T> numbers(const py::iterable& values) {
  std::vector<T> list;
  for (const py::handle value : values) list.push_back(value.cast<T>());
  return list;
}

/// The streams, the control socket and the fault pipe, which every runner is given anew.
std::vector<int> with_standard(std::vector<int> ours) {
  for (const int descriptor :
       {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, protocol::kControlFd, protocol::kFaultFd})
    ours.push_back(descriptor);
  return ours;
}

py::list threads() {
  py::list list;
  for (const ThreadFacts& thread : other_threads())
    list.append(py::make_tuple(thread.tid, words(thread.name), path(thread.owner)));
  return list;
}

py::list libraries() {
  py::list list;
  for (const std::string& library : mapped_libraries()) list.append(path(library));
  return list;
}

/// [(descriptor, path, flags, offset)], which reopen_files takes.
py::list files() {
  py::list list;
  for (const OpenFile& file : open_files(with_standard({})))
    list.append(py::make_tuple(file.descriptor, path(file.path), file.flags, file.offset));
  return list;
}

/// What went wrong, or "".
py::object reopen_files(const py::iterable& list) {
  std::vector<OpenFile> files;
  for (const py::handle item : list) {
    const auto fields = py::reinterpret_borrow<py::tuple>(item);
    files.push_back({fields[0].cast<int>(), path_bytes(fields[1]), fields[2].cast<int>(),
                     fields[3].cast<off_t>()});
  }
  return words(reopen(files));
}

}  // namespace

void define_fork_safety(py::module_& module) {
  module.def("other_threads", &threads);
  module.def("mapped_libraries", &libraries);
  module.def("descriptor_hazards", [](const py::iterable& ours) {
    return words(descriptor_hazards(with_standard(numbers<int>(ours))));
  });
  module.def("map_hazards", [](const py::iterable& known) {
    return words(map_hazards(numbers<std::uintptr_t>(known)));
  });
  module.def("child_hazards",
             [](const py::iterable& ours) { return words(child_hazards(numbers<pid_t>(ours))); });
  module.def("timer_hazards", [] { return words(timer_hazards()); });
  module.def("open_files", &files);
  module.def("reopen_files", &reopen_files);
  module.def("pause_openmp", [] {
    const py::gil_scoped_release unlocked;
    return pause_openmp();
  });
}

}  // namespace nbreplay::worker
