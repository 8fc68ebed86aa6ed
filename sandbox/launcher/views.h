#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "failure.h"
#include "mounts.h"

namespace nbreplay::launcher {

/// What the notebook can write to: HOME, TMPDIR, /dev/shm and its project, all of them overlays
/// whose upper layers lie on a tmpfs of limited size, or on disk. A view is a chain of such layers;
/// another chain can be shown in its place at any time. Processes keep what they had open or stand
/// in, until they look for it again.
///
/// Runs in the broker, whose current folder is the hidden one (root.h) and whose root is the
/// notebook's.
class Views {
 public:
  /// Borrows both: `writable_root` is the root, which cannot be written to by its name.
  Views(const protocol::SandboxSpec& spec, int writable_root)
      : spec_(spec), writable_root_(writable_root) {}

  /// Makes what is below every view.
  [[nodiscard]] Outcome prepare();

  /// Hides `names` of the project in views over `mask`, `over_first` with all that mask 0 hides,
  /// which is what the specification names.
  [[nodiscard]] Outcome make_mask(std::uint32_t mask, const std::vector<std::string>& names,
                                  bool over_first);
  /// Makes the last of `layers` and shows their chain over `mask`.
  [[nodiscard]] Outcome show(std::uint32_t mask, const std::vector<std::uint32_t>& layers);
  [[nodiscard]] Outcome drop(const std::vector<std::uint32_t>& layers);
  /// The folder of the layer that is written to.
  [[nodiscard]] Handle current() const;

  /// Puts the content of `source` at `path`: in the view, or, where the notebook cannot write, for
  /// as long as the sandbox lives.
  [[nodiscard]] Outcome put_file(const std::string& path, int source) const;
  [[nodiscard]] Outcome put_folder(const std::string& path) const;

 private:
  [[nodiscard]] Outcome mount_layer(const std::string& layer) const;
  [[nodiscard]] Outcome make_layer(const std::vector<std::uint32_t>& layers) const;
  [[nodiscard]] Outcome mount_overlay(const std::vector<std::uint32_t>& layers, const char* part,
                                      const std::string& below) const;
  [[nodiscard]] Outcome attach_all(std::uint32_t mask,
                                   const std::vector<std::uint32_t>& layers) const;
  [[nodiscard]] Outcome attach_late_binds(bool in_project) const;
  void detach_all() const;

  [[nodiscard]] bool is_covered(const std::string& path) const;
  [[nodiscard]] Handle root_for(const std::string& path) const;

  const protocol::SandboxSpec& spec_;
  int writable_root_;
  std::set<std::uint32_t> over_first_;  ///< Masks.
  std::uint32_t current_ = 0;
  bool shown_ = false;
};

}  // namespace nbreplay::launcher
