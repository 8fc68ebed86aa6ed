#include <fmt/format.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>

#include "nbreplay/process/sandbox.h"

#include "process/broker.h"
#include "process/control_group.h"
#include "process/disk_layers.h"
#include "process/launcher.h"
#include "process/sandbox_spec.h"

namespace nbreplay::process {
namespace {

using protocol::LaunchReport;

constexpr auto kMostForProbe = std::chrono::seconds(20);

/// Signals cannot leave a Landlock domain from this version of its interface on.
constexpr long kSignalScope = 6;

/// What layers have that lie in memory.
constexpr const char* kCap = "size and inode limit";

/// What comes all at once or not at all.
const std::vector<std::string> kNamespaceLayers = {
    "user namespace",   "mount namespace",
    "pid namespace",    "ipc and uts namespaces",
    "read-only system", "file view of its own for each branch",
    "process limit",    kCap,
    "no network",       "no capabilities"};
/// What needs no namespace.
const std::vector<std::string> kConfinement = {"no new privileges", "filter of system calls"};

/// What to change when a step of making a sandbox fails.
std::string remedy_for(LaunchReport::Stage stage, int error) {
  switch (stage) {
    case LaunchReport::Stage::kUserNamespace:
      if (error == ENOSPC)
        return "raise the number of user namespaces: sysctl -w user.max_user_namespaces=15000";
      return "allow user namespaces: sysctl -w kernel.unprivileged_userns_clone=1 where that "
             "exists; in a container start it with a seccomp profile that allows them "
             "(--security-opt seccomp=unconfined, or docs/security.md's)";
    case LaunchReport::Stage::kPidNamespace:
    case LaunchReport::Stage::kNamespaces:
      if (error == ENOSPC)
        return "raise the number of namespaces of that kind: sysctl -w user.max_KIND_namespaces="
               "15000, for KIND mnt, ipc, uts, cgroup, net or pid";
      [[fallthrough]];
    case LaunchReport::Stage::kIds:
    case LaunchReport::Stage::kRoot:
      return "allow mounting in user namespaces: on Ubuntu from 23.10 on install an AppArmor "
             "profile for nbreplay-launcher, or sysctl -w "
             "kernel.apparmor_restrict_unprivileged_userns=0; in a container add "
             "--security-opt apparmor=unconfined";
    case LaunchReport::Stage::kProc:
      return "show the whole of /proc: start the container with --security-opt "
             "systempaths=unconfined (Kubernetes: procMount: Unmasked)";
    case LaunchReport::Stage::kLayer:
    case LaunchReport::Stage::kOverlay:
      return "overlay mounts in user namespaces need Linux 5.11 or newer and its overlay module: "
             "modprobe overlay";
    case LaunchReport::Stage::kSeccomp:
      return "a kernel with CONFIG_SECCOMP_FILTER";
    default:
      return "see docs/security.md";
  }
}

/// In the place of a project.
constexpr const char* kShown = "/usr";

/// What it has to do with a notebook's, and nothing to run.
protocol::SandboxSpec probe_spec() {
  protocol::SandboxSpec spec = system_spec(false);
  spec.project = {kShown, "/mnt"};
  spec.layer_bytes = mib(1).count;
  spec.layer_inodes = 100;
  spec.processes = 10;
  return spec;
}

/// Why there is no sandbox.
struct Refusal {
  LaunchReport::Stage stage;
  int error;
  std::string why;  ///< The step, and the system's words.
};

std::string words_of(const LaunchReport& report) {
  return fmt::format("{} failed{}{}: {}", launch_step(report), *report.what == '\0' ? "" : ": ",
                     report.what, std::strerror(report.value));
}

/// The step of making a sandbox, or only a confined process, that fails; none when all was done.
Result<std::optional<Refusal>> first_failure(const Installation& installation, bool sandbox,
                                             const Path& bubblewrap, bool layers_on_disk) {
  std::optional<DiskLayers> disk;
  if (layers_on_disk) {
    auto made = DiskLayers::create(kShown, !bubblewrap.empty());
    if (!made) return Refusal{LaunchReport::Stage::kLayer, EINVAL, made.error().message};
    disk = std::move(*made);
  }
  boost::asio::io_context io;
  GroupLauncher launcher(installation.launcher);
  NBREPLAY_TRY(const auto broker, Broker::make());
  LaunchRequest request;
  request.argv = {"/"};
  request.working_directory = protocol::kSandboxTemporary;
  request.confined = true;
  if (sandbox) request.sandbox = probe_spec();
  if (disk) request.sandbox->layers = disk->path().string();
  request.bubblewrap = bubblewrap;
  request.broker = broker.second.get();
  std::optional<LaunchReport> refused;
  std::optional<Error> trouble;
  LaunchEvents events;
  events.refused = [&](const LaunchReport& report) { refused = report; };
  events.failed = [&](const Error& error) { trouble = error; };
  NBREPLAY_TRY(const Launched launched, launcher.launch(io, request, std::move(events)));
  const auto deadline = std::chrono::steady_clock::now() + kMostForProbe;
  while (!trouble && std::chrono::steady_clock::now() < deadline) {
    io.restart();
    io.run_one_for(std::chrono::milliseconds(100));
  }
  if (!refused && !trouble) return environment_error("trying a sandbox took too long");
  // What cannot be executed is a folder: everything before that was done.
  if (refused && static_cast<LaunchReport::Stage>(refused->detail) == LaunchReport::Stage::kExec)
    return std::optional<Refusal>();
  if (refused)
    return Refusal{static_cast<LaunchReport::Stage>(refused->detail), refused->value,
                   words_of(*refused)};
  if (bubblewrap.empty()) return *trouble;
  // It says why, but not with which call.
  return Refusal{LaunchReport::Stage::kNamespaces, EPERM,
                 trouble->cause.empty() ? trouble->message : trouble->cause};
}

void add_landlock(SandboxFacts& facts) {
  const long version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  const std::string name = "signals stay in their branch";
  if (version >= kSignalScope) {
    facts.layers.push_back(name);
    return;
  }
  facts.missing.push_back(
      {name, version < 0 ? "this kernel has no Landlock" : "this kernel's Landlock is too old",
       "Linux 6.12 or newer with Landlock; without it a notebook can kill the frozen copies that "
       "it "
       "came from, and is then run again from its start"});
}

/// What is missing because of where layers lie; `no_disk`: why not on disk.
void add_attributes(SandboxFacts& facts, const std::string& no_disk) {
  if (facts.layers_on_disk) {
    std::erase(facts.layers, kCap);
    facts.missing.push_back({kCap,
                             "files in memory carry no attributes with this kernel; what a "
                             "notebook writes lies on disk and is watched instead, which sees too "
                             "late what grows fast",
                             "Linux 6.6 or newer"});
  } else if (!memory_has_attributes()) {
    facts.missing.push_back({"folders of the project that are removed and made again",
                             "files in memory carry no attributes with this kernel, and what a "
                             "notebook writes cannot lie on disk: " +
                                 no_disk,
                             "Linux 6.6 or newer, or TMPDIR on ext4, XFS or Btrfs (in a container "
                             "a volume); without it such a notebook meets an error of input and "
                             "output, which is not taken for its own"});
  }
}

/// Made and limited once, empty.
Status try_control_group() {
  NBREPLAY_TRY(const auto groups, ControlGroups::find());
  NBREPLAY_TRY(const auto group, groups->make({mib(64), 10}));
  NBREPLAY_TRY([[maybe_unused]] const auto doors, group->doors());
  return {};
}

void add_control_group(SandboxFacts& facts) {
  const std::string name = "memory limit by control group";
  const Status made = try_control_group();
  if (made) {
    facts.layers.push_back(name);
    return;
  }
  const Error& error = made.error();
  facts.missing.push_back({name,
                           error.message + (error.cause.empty() ? "" : ": ") + error.cause +
                               "; memory is watched instead, which sees too late what grows fast",
                           error.hint.empty() ? "see docs/security.md" : error.hint});
}

}  // namespace

Result<SandboxFacts> probe_sandbox(const Installation& installation, const Path& bubblewrap,
                                   bool layers_on_disk) {
  SandboxFacts facts;
  facts.layers_on_disk = layers_on_disk;
  NBREPLAY_TRY(auto refused, first_failure(installation, true, bubblewrap, layers_on_disk));
  std::string no_disk;
  if (refused && layers_on_disk) {
    facts.layers_on_disk = false;
    no_disk = refused->why;
    NBREPLAY_TRY(refused, first_failure(installation, true, bubblewrap, false));
  }
  facts.layers = {"fixed variables", "memory watch", "file size limit", "descriptor limit"};
  facts.sandboxed = !refused;
  if (facts.sandboxed) {
    facts.layers.insert(facts.layers.begin(), kNamespaceLayers.begin(), kNamespaceLayers.end());
    facts.layers.insert(facts.layers.end(), kConfinement.begin(), kConfinement.end());
    add_landlock(facts);
    add_control_group(facts);
    add_attributes(facts, no_disk);
    return facts;
  }
  facts.layers.insert(facts.layers.begin(), {"process group", "project copy"});
  const std::string remedy = remedy_for(refused->stage, refused->error);
  for (const std::string& layer : kNamespaceLayers)
    facts.missing.push_back({layer, refused->why, remedy});
  // Used by sandboxes only.
  facts.missing.push_back({"memory limit by control group", refused->why, remedy});
  NBREPLAY_TRY(const auto unconfined, first_failure(installation, false, {}, false));
  if (!unconfined) {
    facts.layers.insert(facts.layers.end(), kConfinement.begin(), kConfinement.end());
    return facts;
  }
  for (const std::string& layer : kConfinement)
    facts.missing.push_back(
        {layer, unconfined->why, remedy_for(unconfined->stage, unconfined->error)});
  return facts;
}

}  // namespace nbreplay::process
