#include "nbreplay/process/background_children.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <list>
#include <optional>

#include "process/descriptor.h"
#include "process/spawn.h"

namespace nbreplay::process {
namespace {

/// More would take the processor from trials.
constexpr std::size_t kMostAtOnce = 2;

/// An anonymous file that holds `content`, read from its beginning: a pipe would need somebody
/// to fill it. Empty when there is none.
Descriptor file_with(std::string_view content) {
  Descriptor file(::memfd_create("nbreplay-input", MFD_CLOEXEC));
  while (file.valid() && !content.empty()) {
    const ssize_t written = ::write(file.get(), content.data(), content.size());
    if (written <= 0) return {};
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (file.valid()) ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

}  // namespace

struct BackgroundChildren::State {
  boost::asio::io_context io;
  std::list<SpawnedProcess> running;
  std::optional<ChildCommand> waiting;

  void collect() {
    std::erase_if(running, [](SpawnedProcess& child) {
      boost::system::error_code failed;
      if (child.running(failed) && !failed) return false;
      child.detach();  // it is collected: its number is no longer ours to touch
      return true;
    });
  }

  void start_next() {
    if (!waiting || running.size() >= kMostAtOnce) return;
    const ChildCommand command = *std::exchange(waiting, std::nullopt);
    const Descriptor input = file_with(command.input);
    if (!input.valid()) return;
    SpawnRequest request;
    request.argv = command.argv;
    request.variables = command.variables;
    request.working_directory = command.working_directory;
    request.input = input.get();
    request.own_group = true;
    if (auto child = spawn(io, request)) running.push_back(std::move(*child));
  }
};

BackgroundChildren::BackgroundChildren() : state_(std::make_unique<State>()) {}

BackgroundChildren::~BackgroundChildren() {
  state_->collect();
  for (SpawnedProcess& child : state_->running) ::kill(-child.id(), SIGKILL);
  // Destroying the processes waits for them.
}

void BackgroundChildren::start(ChildCommand command) {
  state_->waiting = std::move(command);
  state_->collect();
  state_->start_next();
}

}  // namespace nbreplay::process
