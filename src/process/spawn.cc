#include "process/spawn.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <boost/process/v2/posix/default_launcher.hpp>
#include <boost/process/v2/stdio.hpp>
#include <cerrno>
#include <cstring>

#include "process/descriptor.h"

namespace nbreplay::process {
namespace {

namespace bp = boost::process::v2;

/// What the child does between fork and exec; async-signal-safe calls only.
struct ChildSetup {
  const SpawnRequest& request;

  boost::system::error_code on_setup(bp::posix::default_launcher& launcher,
                                     const bp::filesystem::path&, const char* const*) {
    for (const int fd : request.passed_descriptors) launcher.fd_whitelist.push_back(fd);
    return {};
  }

  boost::system::error_code on_exec_setup(bp::posix::default_launcher&, const bp::filesystem::path&,
                                          const char* const*) {
    // Not as an error, for which Boost would run our exit handlers.
    for (const int fd : request.control_groups)
      if (::write(fd, "0", 1) != 1) ::_exit(126);
    for (const int fd : request.passed_descriptors) ::fcntl(fd, F_SETFD, 0);
    if (request.own_group) ::setpgid(0, 0);
    // A process that ignores SIGPIPE or blocks signals hands that on through exec.
    ::signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (request.working_directory && ::chdir(request.working_directory->c_str()) != 0)
      return {errno, boost::system::system_category()};
    return {};
  }
};

/// Boost 1.81 runs our own exit handlers in the child when exec fails, so what can be known
/// before the fork is checked before.
Status check_startable(const SpawnRequest& request) {
  const std::string& program = request.argv.front();
  if (::access(program.c_str(), X_OK) != 0)
    return environment_error(fmt::format("{}: cannot be executed", program), std::strerror(errno));
  std::error_code ignored;
  if (request.working_directory &&
      !std::filesystem::is_directory(*request.working_directory, ignored))
    return environment_error(
        fmt::format("{}: is no folder to start in", request.working_directory->string()));
  return {};
}

}  // namespace

Result<SpawnedProcess> spawn(boost::asio::io_context& io, const SpawnRequest& request) {
  NBREPLAY_TRY_VOID(check_startable(request));
  std::vector<std::string> texts;
  for (const auto& [name, value] : request.variables) texts.push_back(name + "=" + value);
  std::vector<const char*> environment;
  for (const std::string& text : texts) environment.push_back(text.c_str());
  environment.push_back(nullptr);

  bp::posix::default_launcher launcher;
  launcher.env = environment.data();
  const std::vector<std::string> arguments(request.argv.begin() + 1, request.argv.end());
  boost::system::error_code failed;
  const Descriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const auto or_null = [&](int fd) { return fd >= 0 ? fd : null.get(); };
  bp::process_stdio stdio{
      {or_null(request.input)}, {or_null(request.output)}, {or_null(request.errors)}};
  ChildSetup setup{request};
  SpawnedProcess child =
      launcher(io.get_executor(), failed, request.argv.front(), arguments, stdio, setup);
  if (failed)
    return environment_error(fmt::format("{}: could not be started", request.argv.front()),
                             failed.message());
  return child;
}

}  // namespace nbreplay::process
