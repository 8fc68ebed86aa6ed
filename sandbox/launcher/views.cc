#include "views.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace nbreplay::launcher {

using protocol::is_below;
using protocol::is_in_scratch;
using protocol::is_in_view;
using protocol::kSandboxProject;

namespace {

/// Folders of the broker: what is under every view, and where an overlay is mounted before it is
/// put in its place.
constexpr const char* kBase = "base";
constexpr const char* kMask = "m";  // and its number
constexpr const char* kStage = "v";
constexpr const char* kWhiteout = "w";
/// Of a layer: the upper and work folders of its two overlays.
constexpr const char* kScratch = "s";
constexpr const char* kProject = "p";

/// What overlays show, by their part of the scratch layer.
struct Shown {
  const char* part;
  const char* at;
};
constexpr Shown kScratchParts[] = {{"home", protocol::kSandboxHome},
                                   {"tmp", protocol::kSandboxTemporary},
                                   {"shm", protocol::kSandboxSharedMemory}};

int root_folder() {
  return ::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

bool make_plain_folder(const std::string& path, mode_t mode) {
  // The mask of new files is the starter's: the mode is to be exact.
  return ::mkdir(path.c_str(), mode) == 0 && ::chmod(path.c_str(), mode) == 0;
}

bool is_folder(const std::string& path) {
  struct stat facts {};
  return ::lstat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
}

/// A folder above a hidden entry looks as it does in the project.
bool copy_looks(const std::string& from, const std::string& to) {
  struct stat facts {};
  if (::stat(from.c_str(), &facts) != 0 || ::chmod(to.c_str(), facts.st_mode & 07777) != 0)
    return false;
  const timespec times[] = {facts.st_atim, facts.st_mtim};
  return ::utimensat(AT_FDCWD, to.c_str(), times, 0) == 0;
}

/// A copy of what is mounted at `from`, on a folder or file below `root` that is made as needed.
Outcome put_mount(const char* from, int root, const std::string& at) {
  struct stat facts {};
  if (::stat(from, &facts) != 0) return failed(Stage::kOverlay, at);
  const Handle place = S_ISDIR(facts.st_mode) ? make_folder(root, at) : make_file(root, at);
  const Handle mount = clone_mount(AT_FDCWD, from);
  if (!place.valid() || !mount.valid() || !attach_mount(mount.get(), place.get()))
    return failed(Stage::kOverlay, at);
  return std::nullopt;
}

}  // namespace

Outcome Views::prepare() {
  for (const std::string folder : {kBase, kStage})
    if (!make_plain_folder(folder, 0755)) return failed(Stage::kLayer, folder);
  for (const Shown& part : kScratchParts)
    if (!make_plain_folder(std::string(kBase) + "/" + part.part,
                           std::string(part.part) == "home" ? 0700 : 01777))
      return failed(Stage::kLayer, part.part);
  // In the layer from the host they are the host's user's, who may be another one.
  for (const char* folder : {"/home/.config", "/home/.config/matplotlib"})
    if (!make_plain_folder(std::string(kBase) + folder, 0755)) return failed(Stage::kLayer, folder);
  if (::mknod(kWhiteout, S_IFCHR, ::makedev(0, 0)) != 0) return failed(Stage::kLayer, kWhiteout);
  return make_mask(0, spec_.hidden, false);
}

/// A whiteout, in a layer above the project, hides what is below it (overlayfs.rst). One is enough,
/// under all the names: each takes an entry of the file system, but no more than its name's memory.
Outcome Views::make_mask(std::uint32_t mask, const std::vector<std::string>& names,
                         bool over_first) {
  if (over_first) over_first_.insert(mask);
  const std::string root = kMask + std::to_string(mask) + "/";
  if (!make_plain_folder(root, 0755)) return failed(Stage::kLayer, root);
  std::vector<std::string> parents = {""};
  for (const std::string& name : names) {
    bool there = true;
    for (std::size_t at = name.find('/'); there && at != std::string::npos;
         at = name.find('/', at + 1)) {
      const std::string parent = name.substr(0, at);
      if (::mkdir((root + parent).c_str(), 0755) != 0) {
        if (errno != EEXIST) return failed(Stage::kLayer, parent);
      } else if (is_folder(kSandboxProject + ("/" + parent))) {
        parents.push_back(parent);
      } else {
        // Gone since the project was looked at. A folder of the mask's own would list whiteouts.
        ::rmdir((root + parent).c_str());
        there = false;
      }
    }
    if (there && ::link(kWhiteout, (root + name).c_str()) != 0 && errno != EEXIST)
      return failed(Stage::kLayer, name);
  }
  // From below, since making an entry changes a folder's time.
  for (auto parent = parents.rbegin(); parent != parents.rend(); ++parent)
    if (!copy_looks(std::string(protocol::kSandboxProject) + "/" + *parent, root + *parent) &&
        errno != ENOENT)
      return failed(Stage::kLayer, *parent);
  return std::nullopt;
}

/// At `layer`, in memory or on disk.
Outcome Views::mount_layer(const std::string& layer) const {
  if (::mkdir(layer.c_str(), 0700) != 0) return failed(Stage::kLayer, layer);
  if (spec_.layers.empty()) {
    // The kernel's limit for a tmpfs counts pages and what describes files.
    const std::string options = "mode=700,size=" + std::to_string(spec_.layer_bytes) +
                                ",nr_inodes=" + std::to_string(spec_.layer_inodes);
    if (::mount("tmpfs", layer.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) != 0)
      return failed(Stage::kLayer, "tmpfs");
    return std::nullopt;
  }
  const std::string folder = std::string(protocol::kSandboxLayers) + "/" + layer;
  if (!make_plain_folder(folder, 0700) ||
      ::mount(folder.c_str(), layer.c_str(), nullptr, MS_BIND, nullptr) != 0)
    return failed(Stage::kLayer, "a folder on disk");
  return std::nullopt;
}

/// The last of `layers`. Its folder of the project, which the notebook sees as the project's root,
/// looks as that one does in the layer below.
Outcome Views::make_layer(const std::vector<std::uint32_t>& layers) const {
  const std::string layer = std::to_string(layers.back());
  const std::string below = layers.size() > 1
                                ? std::to_string(layers[layers.size() - 2]) + "/" + kProject
                                : protocol::kSandboxProject;
  if (auto failure = mount_layer(layer)) return failure;
  for (const char* part : {kScratch, kProject})
    if (!make_plain_folder(layer + "/" + part, 0755) ||
        !make_plain_folder(layer + "/" + part + "w", 0700))
      return failed(Stage::kLayer, layer);
  if (!copy_looks(below, layer + "/" + kProject)) return failed(Stage::kLayer, below);
  return std::nullopt;
}

/// At kStage.
Outcome Views::mount_overlay(const std::vector<std::uint32_t>& layers, const char* part,
                             const std::string& below) const {
  std::string lower;
  for (auto layer = layers.rbegin() + 1; layer != layers.rend(); ++layer)
    lower += std::to_string(*layer) + "/" + part + ":";
  const std::string upper = std::to_string(layers.back()) + "/" + part;
  // Nothing is kept beyond the sandbox: what lies on disk need not be written out when an overlay
  // goes.
  const std::string options = std::string(spec_.layers.empty() ? "" : "volatile,") +
                              "userxattr,lowerdir=" + lower + below + ",upperdir=" + upper +
                              ",workdir=" + upper + "w";
  if (::mount("overlay", kStage, "overlay", MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
    // The usual reason, where all else has been tried before (clone_private_mount in the kernel).
    const bool project = std::string(part) == kProject && errno == EINVAL;
    return failed(Stage::kOverlay,
                  project ? "the project's folder, in which nothing may be mounted" : part);
  }
  return std::nullopt;
}

Outcome Views::show(std::uint32_t mask, const std::vector<std::uint32_t>& layers) {
  if (layers.empty()) return Failure{Stage::kOverlay, EINVAL, "no layers"};
  if (auto failure = make_layer(layers)) return failure;
  if (shown_) detach_all();
  shown_ = true;
  current_ = layers.back();
  return attach_all(mask, layers);
}

Outcome Views::attach_all(std::uint32_t mask, const std::vector<std::uint32_t>& layers) const {
  const Handle root(root_folder());
  const auto put = [&](const char* from, const std::string& at) {
    return put_mount(from, root.get(), at);
  };
  std::string below = kBase;
  if (!spec_.scratch.empty()) below += std::string(":") + protocol::kSandboxScratch;
  if (auto failure = mount_overlay(layers, kScratch, below)) return failure;
  for (const Shown& part : kScratchParts)
    if (auto failure = put((std::string(kStage) + "/" + part.part).c_str(), part.at))
      return failure;
  if (::umount2(kStage, MNT_DETACH) != 0) return failed(Stage::kOverlay, "unmounting");
  if (auto failure = attach_late_binds(false)) return failure;
  below = kMask + std::to_string(mask) + ":";
  if (over_first_.count(mask) > 0) below += std::string(kMask) + "0:";
  below += protocol::kSandboxProject;
  if (auto failure = mount_overlay(layers, kProject, below)) return failure;
  if (auto failure = put(kStage, spec_.project.to)) return failure;
  if (::umount2(kStage, MNT_DETACH) != 0) return failed(Stage::kOverlay, "unmounting");
  return attach_late_binds(true);
}

/// What lies in places that were just covered: in the scratch folders or, `in_project`, in the
/// project.
Outcome Views::attach_late_binds(bool in_project) const {
  const Handle root(root_folder());
  for (std::size_t i = 0; i < spec_.binds.size(); ++i) {
    const protocol::SandboxSpec::Bind& bind = spec_.binds[i];
    const std::string late = protocol::kSandboxLate + std::to_string(i);
    if (!is_in_view(spec_, bind.to) || is_below(bind.to, spec_.project.to) != in_project ||
        ::access(late.c_str(), F_OK) != 0)
      continue;
    if (auto failure = put_mount(late.c_str(), root.get(), bind.to)) return failure;
  }
  return std::nullopt;
}

/// These places lie on the read-only root, where no notebook can have replaced them. What is
/// mounted below goes with them.
void Views::detach_all() const {
  if (!is_in_scratch(spec_.project.to))
    ::umount2(spec_.project.to.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
  for (const Shown& part : kScratchParts) ::umount2(part.at, MNT_DETACH | UMOUNT_NOFOLLOW);
}

/// All that can be dropped are, whatever one of them says. What was never mounted is no failure.
Outcome Views::drop(const std::vector<std::uint32_t>& layers) {
  Outcome failure;
  for (const std::uint32_t layer : layers) {
    const std::string folder = std::to_string(layer);
    if (::umount2(folder.c_str(), MNT_DETACH) != 0 && errno != EINVAL && errno != ENOENT)
      failure = failed(Stage::kLayer, folder);
    if (::rmdir(folder.c_str()) != 0 && errno != ENOENT) failure = failed(Stage::kLayer, folder);
  }
  return failure;
}

Handle Views::current() const {
  return Handle(::open(std::to_string(current_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/// Whether something is mounted over a place of the root, under which nobody would see it.
bool Views::is_covered(const std::string& path) const {
  if (is_in_view(spec_, path)) return false;
  for (const char* folder : {"/proc", "/sys", "/dev", protocol::kSandboxHidden})
    if (is_below(path, folder)) return true;
  return std::any_of(spec_.binds.begin(), spec_.binds.end(),
                     [&](const auto& bind) { return is_below(path, bind.to); });
}

Handle Views::root_for(const std::string& path) const {
  return Handle(is_in_view(spec_, path) ? root_folder()
                                        : ::fcntl(writable_root_, F_DUPFD_CLOEXEC, 0));
}

Outcome Views::put_folder(const std::string& path) const {
  if (is_covered(path)) return Failure{Stage::kOverlay, EROFS, path};
  const Handle root = root_for(path);
  if (!make_folder(root.get(), path).valid()) return failed(Stage::kOverlay, path);
  return std::nullopt;
}

Outcome Views::put_file(const std::string& path, int source) const {
  const std::size_t slash = path.rfind('/');
  if (is_covered(path)) return Failure{Stage::kOverlay, EROFS, path};
  const Handle root = root_for(path);
  const Handle folder = make_folder(root.get(), path.substr(0, slash));
  if (!folder.valid()) return failed(Stage::kOverlay, path);
  const Handle file(::openat(folder.get(), path.c_str() + slash + 1,
                             O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                             0644));
  if (!file.valid()) return failed(Stage::kOverlay, path);
  off_t at = 0;
  for (ssize_t sent = 1; sent > 0;) {
    sent = ::sendfile(file.get(), source, &at, 1U << 30);
    if (sent < 0) return failed(Stage::kOverlay, path);
  }
  return std::nullopt;
}

}  // namespace nbreplay::launcher
