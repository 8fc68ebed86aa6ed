#include "process/bubblewrap.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <string_view>

#include "nbreplay/process/sandbox.h"

namespace nbreplay::process {
namespace {

class Command {
 public:
  void add(std::initializer_list<std::string> words) { all.insert(all.end(), words); }
  void bind(const std::string& from, const std::string& to) {
    // "try": as for our own launcher, what is not there is left out.
    add({"--ro-bind-try", from, to});
  }
  std::vector<std::string> all;
};

}  // namespace

std::vector<std::string> bubblewrap_command(const Path& bubblewrap,
                                            const protocol::SandboxSpec& spec,
                                            const Path& launcher) {
  Command command;
  if (::geteuid() == 0)
    command.add({"/usr/bin/setpriv", fmt::format("--reuid={}", protocol::kNobody),
                 fmt::format("--regid={}", protocol::kNobody), "--clear-groups", "--"});
  const std::string user = std::to_string(protocol::kSandboxUser);
  // Not all at once (--unshare-all): that skips in silence what it cannot make.
  command.add({bubblewrap.string(),
               "--unshare-user",
               "--uid",
               user,
               "--gid",
               user,
               "--unshare-ipc",
               "--unshare-pid",
               "--unshare-uts",
               "--unshare-cgroup-try",
               "--hostname",
               "notebook",
               "--die-with-parent",
               "--new-session",
               "--cap-drop",
               "ALL",
               "--cap-add",
               "CAP_SYS_ADMIN",
               "--cap-add",
               "CAP_DAC_OVERRIDE",
               "--cap-add",
               "CAP_SETPCAP"});
  if (!spec.network) command.add({"--unshare-net"});
  const std::string hidden = protocol::kSandboxHidden;
  command.add({"--tmpfs", hidden, "--proc", "/proc"});
  for (const char* device : protocol::kSandboxDevices) command.add({"--dev-bind", device, device});
  for (std::size_t i = 0; i < spec.binds.size(); ++i) {
    const auto& bind = spec.binds[i];
    const bool late = protocol::is_in_view(spec, bind.to);
    command.bind(bind.from,
                 late ? fmt::format("{}/{}{}", hidden, protocol::kSandboxLate, i) : bind.to);
  }
  // Without them the launcher cannot be executed.
  for (const auto& link : spec.links) command.add({"--symlink", link.target, link.at});
  command.bind(spec.project.from, fmt::format("{}/{}", hidden, protocol::kSandboxProject));
  if (!spec.scratch.empty())
    command.bind(spec.scratch, fmt::format("{}/{}", hidden, protocol::kSandboxScratch));
  if (!spec.layers.empty())
    command.add({"--bind", spec.layers, fmt::format("{}/{}", hidden, protocol::kSandboxLayers)});
  const std::string inside = hidden + "/launcher";
  command.bind(launcher.string(), inside);
  command.add({"--chdir", "/", "--", inside});
  return std::move(command.all);
}

Path find_bubblewrap() {
  const char* folders = std::getenv("PATH");
  std::string_view rest = folders != nullptr ? folders : "/usr/bin";
  while (!rest.empty()) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
    Path found = Path(folder) / "bwrap";
    if (found.is_absolute() && ::access(found.c_str(), X_OK) == 0) return found;
  }
  return {};
}

}  // namespace nbreplay::process
