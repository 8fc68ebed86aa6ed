#include "fork_safety_module.h"

#include <unistd.h>

#include <string>
#include <vector>

#include "nbreplay/protocol/codec.h"

#include "fork_safety.h"
#include "open_descriptors.h"
#include "shared_maps.h"

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

/// What a child would share with this process, and gets anew.
struct Inherited {
  std::vector<OpenFile> files;
  std::vector<PipeEnd> pipes;
  std::vector<SharedMap> maps;
};

py::capsule inherited(const py::iterable& ours) {
  const std::vector<int> known = with_standard(numbers<int>(ours));
  auto* all = new Inherited{open_files(known), own_pipes(known), own_shared_maps()};
  return py::capsule(all, [](void* list) { delete static_cast<Inherited*>(list); });
}

/// What went wrong, or "".
py::object renew(const py::capsule& capsule) {
  const Inherited& all = *capsule.get_pointer<Inherited>();
  std::string problem = reopen(all.files);
  if (problem.empty()) problem = renew_pipes(all.pipes);
  if (problem.empty()) problem = renew_maps(all.maps);
  return words(problem);
}

}  // namespace

void define_fork_safety(py::module_& module) {
  module.def("other_threads", &threads);
  module.def("mapped_libraries", &libraries);
  module.def("descriptor_hazards", [](const py::iterable& ours) {
    return words(descriptor_hazards(with_standard(numbers<int>(ours))));
  });
  module.def("map_hazards", [] { return words(map_hazards()); });
  module.def("child_hazards",
             [](const py::iterable& ours) { return words(child_hazards(numbers<pid_t>(ours))); });
  module.def("timer_hazards", [] { return words(timer_hazards()); });
  module.def("inherited", &inherited);
  module.def("reopen", [](const py::capsule& all) {
    return words(reopen(all.get_pointer<Inherited>()->files));
  });
  module.def("renew", &renew);
  module.def("pause_openmp", [] {
    const py::gil_scoped_release unlocked;
    return pause_openmp();
  });
}

}  // namespace nbreplay::worker
