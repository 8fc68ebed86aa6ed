// nbreplay-worker MODULE LIBPYTHON: the executable of every worker.
//
// It knows no Python. It loads the target interpreter's own libpython by its absolute path, so
// that patch release and build options are the target's and no library path needs setting, then
// the worker module that was built for that minor version, whose Python symbols the first load
// resolves, and hands over.
#include <dlfcn.h>
#include <fmt/format.h>

#include "nbreplay/protocol/codec.h"

#include "control.h"

namespace {

using nbreplay::protocol::SetupFailed;

int fail(const std::string& message) {
  nbreplay::worker::Control control(nbreplay::protocol::kControlFd);
  control.send(SetupFailed{"libpython", message});
  return 3;
}

std::string load_error(const char* file) {
  const char* reason = ::dlerror();
  return fmt::format("cannot load {}: {}", file, reason != nullptr ? reason : "unknown reason");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: {} MODULE LIBPYTHON (started by nbreplay, not by people)\n",
               argc > 0 ? argv[0] : "nbreplay-worker");
    return 2;
  }
  // Global, because the worker module and every extension module look for its symbols.
  if (::dlopen(argv[2], RTLD_NOW | RTLD_GLOBAL) == nullptr) return fail(load_error(argv[2]));
  void* module = ::dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) return fail(load_error(argv[1]));
  using WorkerMain = int (*)(int, char**);
  auto worker_main = reinterpret_cast<WorkerMain>(::dlsym(module, "nbreplay_worker_main"));
  if (worker_main == nullptr) return fail(load_error(argv[1]));
  return worker_main(argc, argv);
}
