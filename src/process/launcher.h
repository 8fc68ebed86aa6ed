#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/base/units.h"
#include "nbreplay/protocol/launch.h"

#include "process/control_group.h"
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
  bool confined = false;  ///< No new privileges, and the filter of system calls.
  std::optional<protocol::SandboxSpec> sandbox;
  /// Of the sandbox, all processes together, where there are control groups.
  GroupLimits together;
  Path bubblewrap;  ///< Not empty: it enters the sandbox in the launcher's place.
  int broker = -1;  ///< Of the sandbox: the launcher's end, borrowed.
};

/// The step that a launcher says has failed: "making a user namespace".
[[nodiscard]] std::string_view launch_step(const protocol::LaunchReport& report);

/// What a launch calls back with, in this order and all but `noted` at most once; `failed` stands
/// alone.
/// All calls come from the io_context, none from within `launch`.
struct LaunchEvents {
  /// Before `started`, for each folder that is shown in a weaker way than others: what to tell.
  std::function<void(const std::string& note)> noted;
  std::function<void(pid_t worker)> started;
  /// Before `failed`: the step that failed.
  std::function<void(const protocol::LaunchReport&)> refused;
  std::function<void(const Error&)> failed;
  /// The worker's wait status; never called when the launcher itself was killed.
  std::function<void(int status)> ended;
  /// No process of the run is left, as far as the launcher can tell. The last call.
  std::function<void()> cleared;
};

/// What the control group of a sandbox was seen to use; all 0 without one.
struct GroupUse {
  std::uint64_t memory_kills = 0;  ///< Processes that the kernel ended because of its memory.
  Bytes most_memory;
  Bytes memory_limit;
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
  /// Of the sandbox that it is in, with all that runs or ran there.
  [[nodiscard]] virtual GroupUse group_use() const { return {}; }
  /// `number`, below this worker, is a frozen copy of one: `tidy` leaves it alone. It is what the
  /// worker's own process namespace calls it.
  virtual void keep(pid_t number) = 0;
  /// `number`, a runner below this worker, may have no more processes and threads than these with
  /// all others of the sandbox.
  virtual void limit(pid_t number, std::size_t processes) = 0;
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

/// Through nbreplay-launcher: in a sandbox where the request describes one; else confined by
/// session, process group and resource limits only, which keeps honest notebooks apart but not a
/// hostile one from the user's files. Each sandbox gets a control group where `groups` is set.
class GroupLauncher final : public Launcher {
 public:
  explicit GroupLauncher(Path executable, std::shared_ptr<const ControlGroups> groups = nullptr)
      : executable_(std::move(executable)), groups_(std::move(groups)) {}
  [[nodiscard]] Result<Launched> launch(boost::asio::io_context& io, const LaunchRequest& request,
                                        LaunchEvents events) override;

 private:
  Path executable_;
  std::shared_ptr<const ControlGroups> groups_;
};

}  // namespace nbreplay::process
