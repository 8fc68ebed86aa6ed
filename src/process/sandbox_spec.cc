#include "process/sandbox_spec.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "process/descriptor.h"
#include "process/linked_folders.h"
#include "process/project_tree.h"

namespace nbreplay::process {
namespace {

using protocol::SandboxSpec;

/// What programs and libraries look up there. Nothing in them is secret; hosts, names and
/// accounts are made up instead.
constexpr const char* kSystemFiles[] = {
    "/etc/ld.so.cache", "/etc/ld.so.conf",      "/etc/ld.so.conf.d", "/etc/alternatives",
    "/etc/fonts",       "/etc/localtime",       "/etc/mime.types",   "/etc/protocols",
    "/etc/services",    "/etc/locale.alias",    "/etc/ssl/certs",    "/etc/ssl/openssl.cnf",
    "/etc/pki/tls",     "/etc/ca-certificates", "/etc/ImageMagick-6"};
/// With the host's network also how to find one's way in it.
constexpr const char* kNetworkFiles[] = {"/etc/resolv.conf", "/etc/hosts", "/etc/gai.conf"};
/// Stores that whole systems live in.
constexpr const char* kStores[] = {"/usr", "/nix/store", "/gnu/store"};
constexpr const char* kTopFolders[] = {"bin", "sbin", "lib", "lib32", "lib64", "libx32"};

bool is_personal(const Path& folder) {
  const char* home = std::getenv("HOME");
  std::error_code failed;
  return folder == folder.root_path() ||
         (home != nullptr && std::filesystem::equivalent(folder, home, failed));
}

/// Adds what is to be seen, each once, and not what lies in what is there already.
class Binds {
 public:
  Binds(SandboxSpec& spec, bool personal) : spec_(spec), personal_(personal) {}

  void add(const Path& path) {
    std::error_code failed;
    if (path.empty() || !path.is_absolute() || is_personal(path)) return;
    const auto kind = std::filesystem::status(path, failed).type();
    if (kind != std::filesystem::file_type::directory &&
        kind != std::filesystem::file_type::regular)
      return;
    // By its own name and, where links lead to it, by its real one.
    paths_.insert(path.lexically_normal().string());
    if (const Path real = std::filesystem::canonical(path, failed); !failed)
      paths_.insert(real.string());
  }

  void finish() {
    for (const std::string& path : paths_) {  // sorted: outer ones first
      const bool covered = std::any_of(spec_.binds.begin(), spec_.binds.end(),
                                       [&](const auto& bind) { return is_within(path, bind.to); });
      if (!covered) spec_.binds.push_back({path, path, personal_});
    }
  }

 private:
  SandboxSpec& spec_;
  bool personal_;
  std::set<std::string> paths_;
};

void add_system(SandboxSpec& spec, Binds& binds, bool network) {
  for (const char* store : kStores) binds.add(store);
  std::error_code failed;
  for (const std::string folder : kTopFolders) {
    const Path path = "/" + folder;
    if (std::filesystem::is_symlink(path, failed))
      spec.links.push_back({std::filesystem::read_symlink(path, failed).string(), path.string()});
    else
      binds.add(path);
  }
  for (const char* file : kSystemFiles)
    if (std::filesystem::exists(file, failed)) spec.binds.push_back({file, file});
  if (network)
    for (const char* file : kNetworkFiles)
      if (std::filesystem::exists(file, failed)) spec.binds.push_back({file, file});
  // Numbers of processors and their caches, by which numeric libraries choose their kernels.
  if (std::filesystem::exists("/sys/devices/system", failed))
    spec.binds.push_back({"/sys/devices/system", "/sys/devices/system"});
}

void add_made_up_files(SandboxSpec& spec, bool network) {
  const std::string user = fmt::format("notebook:x:{0}:{0}:notebook:{1}:/bin/sh\n",
                                       protocol::kSandboxUser, protocol::kSandboxHome);
  spec.files.push_back({"root:x:0:0:root:/root:/usr/sbin/nologin\n" + user +
                            "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
                        "/etc/passwd"});
  spec.files.push_back(
      {fmt::format("root:x:0:\nnotebook:x:{}:\nnogroup:x:65534:\n", protocol::kSandboxUser),
       "/etc/group"});
  spec.files.push_back({"notebook\n", "/etc/hostname"});
  // Without a network a look-up shall fail at once, not ask a server that cannot be reached.
  spec.files.push_back(
      {fmt::format("passwd: files\ngroup: files\nhosts: files{}\n", network ? " dns" : ""),
       "/etc/nsswitch.conf"});
  if (!network)
    spec.files.push_back({"127.0.0.1 localhost notebook\n::1 localhost\n", "/etc/hosts"});
}

void add_environment(Binds& binds, const Environment& environment, const Path& project_root) {
  const Interpreter& python = environment.interpreter;
  std::error_code failed;
  const Path real = std::filesystem::canonical(python.executable, failed);
  for (const Path& path : {python.prefix, python.base_prefix, python.libpython,
                           python.executable.parent_path(), real.parent_path()})
    binds.add(path);
  for (const auto* paths :
       {&environment.site_packages, &environment.append_path, &environment.prepend_path})
    for (const Path& path : *paths) binds.add(path);
  for (const Path& site_packages : environment.site_packages)
    for (const Path& folder : linked_folders(site_packages))
      // What is in the project is seen as a part of it.
      if (!is_within(folder, project_root)) binds.add(folder);
}

}  // namespace

bool memory_has_attributes() {
  static const bool found = [] {
    const Descriptor file(::memfd_create("nbreplay-probe", MFD_CLOEXEC));
    return file.valid() && ::fsetxattr(file.get(), "user.nbreplay", "1", 1, 0) == 0;
  }();
  return found;
}

SandboxSpec system_spec(bool network) {
  SandboxSpec spec;
  spec.network = network;
  Binds binds(spec, false);
  add_system(spec, binds, network);
  binds.finish();
  add_made_up_files(spec, network);
  return spec;
}

SandboxSpec sandbox_spec(const RunnerSettings& settings, const Trial& trial,
                         std::vector<std::string> hidden) {
  SandboxSpec spec = system_spec(settings.sandbox->network);
  Binds binds(spec, true);
  add_environment(binds, *trial.environment, trial.project->root);
  for (const Path& path : {settings.installation.worker, settings.installation.modules,
                           settings.installation.worker_package})
    binds.add(path);
  const Project& project = *trial.project;
  for (const Path& input : project.inputs) binds.add(input);
  binds.finish();
  spec.project = {project.root.string(), project.root.string()};
  spec.hidden = std::move(hidden);
  spec.layer_bytes = trial.limits.files_written.count;
  spec.layer_inodes = trial.limits.files;
  spec.processes = trial.limits.processes + kOwnProcesses;
  return spec;
}

}  // namespace nbreplay::process
