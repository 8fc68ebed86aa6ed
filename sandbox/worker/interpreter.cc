#include "interpreter.h"

#include <Python.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

namespace nbreplay::worker {
namespace {

/// A kernel's command line has a connection file: a bare ArgumentParser().parse_args() in a cell
/// must find an argument that it does not know.
constexpr const char* kArguments[] = {"nbreplay", "-f", "kernel.json"};

std::string describe(const PyStatus& status) {
  return fmt::format("{}{}{}", status.func != nullptr ? status.func : "",
                     status.func != nullptr ? ": " : "",
                     status.err_msg != nullptr ? status.err_msg : "Python could not start");
}

PyStatus fill(PyConfig& config, const protocol::Configure& configure) {
  // Who starts the worker decides its environment variables, so Python may read them.
  config.parse_argv = 0;
  config.install_signal_handlers = 1;
  config.user_site_directory = 0;
  config.write_bytecode = 0;
  // What the notebook writes through sys.__stdout__ or C's stdout must not lag behind.
  config.buffered_stdio = 0;
  config.use_hash_seed = 1;
  config.hash_seed = configure.hash_seed;
  // PyConfig looks for pyvenv.cfg beside these two.
  const char* executable = configure.python_executable.c_str();
  PyStatus status = PyConfig_SetBytesString(&config, &config.program_name, executable);
  if (PyStatus_Exception(status)) return status;
  status = PyConfig_SetBytesString(&config, &config.executable, executable);
  if (PyStatus_Exception(status)) return status;
  char* arguments[std::size(kArguments)];
  for (std::size_t i = 0; i < std::size(kArguments); ++i) {
    arguments[i] = const_cast<char*>(kArguments[i]);
  }
  return PyConfig_SetBytesArgv(&config, std::size(kArguments), arguments);
}

}  // namespace

std::string start_interpreter(const protocol::Configure& configure) {
  if (configure.python_executable.empty() || ::access(configure.python_executable.c_str(), X_OK)) {
    return fmt::format("{} is no interpreter that can be executed", configure.python_executable);
  }
  // Python processes that the notebook starts shall order their sets the same way.
  ::setenv("PYTHONHASHSEED", std::to_string(configure.hash_seed).c_str(), 1);
  PyConfig config;
  PyConfig_InitPythonConfig(&config);
  PyStatus status = fill(config, configure);
  if (!PyStatus_Exception(status)) status = Py_InitializeFromConfig(&config);
  PyConfig_Clear(&config);
  return PyStatus_Exception(status) ? describe(status) : std::string();
}

}  // namespace nbreplay::worker
