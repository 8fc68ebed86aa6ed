#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/base/units.h"

#include "process/descriptor.h"

namespace nbreplay::process {

/// The whole environment of a process, in order, each name once.
using Variables = std::vector<std::pair<std::string, std::string>>;

struct LaunchRequest {
  std::vector<std::string> argv;  ///< argv[0] is the path that is executed.
  Path working_directory;
  Variables variables;
  Bytes file_size;  ///< No file may grow beyond.
  std::optional<Bytes> address_space;
};

/// What a launch calls back with, each at most once and in this order; `failed` stands alone.
/// All calls come from the io_context, none from within `launch`.
struct LaunchEvents {
  std::function<void(pid_t worker)> started;
  std::function<void(const Error&)> failed;
  /// The worker's wait status; never called when the launcher itself was killed.
  std::function<void(int status)> ended;
  /// No process of the run is left, as far as the launcher can tell. The last call.
  std::function<void()> cleared;
};

/// A worker on its way or running. Destroying it kills everything that it started; `cleared` is
/// then not called any more.
class LaunchedWorker {
 public:
  virtual ~LaunchedWorker() = default;
  /// As Jupyter's interrupt: SIGINT to the worker's process group.
  virtual void interrupt() = 0;
  /// Ends the worker and every process below it; `ended` and `cleared` follow.
  virtual void kill() = 0;
  /// Every process of the run that is known now.
  [[nodiscard]] virtual std::vector<pid_t> processes() const = 0;
  /// `pid`, below this worker, is a frozen copy of one: `tidy` leaves it alone.
  virtual void keep(pid_t pid) = 0;
  /// Kills what runners that have ended left behind, then calls `done`, from the io_context; with
  /// false when some of it is still alive.
  virtual void tidy(std::function<void(bool clean)> done) = 0;
};

/// A worker and the controller's ends of what it is connected by, all non-blocking.
struct Launched {
  std::unique_ptr<LaunchedWorker> worker;
  Descriptor output;
  Descriptor errors;
  Descriptor control;
  Descriptor fault;
};

/// Starts workers, confined as far as this kind of launcher can.
class Launcher {
 public:
  virtual ~Launcher() = default;
  [[nodiscard]] virtual Result<Launched> launch(boost::asio::io_context& io,
                                                const LaunchRequest& request,
                                                LaunchEvents events) = 0;
};

/// Confinement by session, process group and resource limits, through nbreplay-launcher. It
/// keeps honest notebooks apart; it does not keep a hostile one from the user's files.
class GroupLauncher final : public Launcher {
 public:
  explicit GroupLauncher(Path executable) : executable_(std::move(executable)) {}
  [[nodiscard]] Result<Launched> launch(boost::asio::io_context& io, const LaunchRequest& request,
                                        LaunchEvents events) override;

 private:
  Path executable_;
};

}  // namespace nbreplay::process
