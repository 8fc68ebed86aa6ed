#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "nbreplay/base/file.h"

#include "process/descriptor.h"

namespace nbreplay::process {

/// What all processes of a group may use together.
struct GroupLimits {
  Bytes memory;               ///< With what they have in tmpfs and memfd_create(2), and in swap.
  std::size_t processes = 0;  ///< Threads count as well.
};

/// A control group (cgroups(7)) and what is in it: whoever is started by a process of it stays in
/// it. Destroying it kills what is left, without waiting.
class ControlGroup {
 public:
  /// One folder per hierarchy; version 2 has one for everything. Use ControlGroups::make.
  ControlGroup(std::vector<Path> folders, bool unified)
      : folders_(std::move(folders)), unified_(unified) {}
  ControlGroup(const ControlGroup&) = delete;
  ControlGroup& operator=(const ControlGroup&) = delete;
  ~ControlGroup();

  /// A process of one thread that writes "0" to each of them is in the group. (Version 1's list of
  /// threads, since the kernel lets a thread move itself at once, and waits up to tens of
  /// milliseconds before it moves a process.)
  [[nodiscard]] Result<std::vector<Descriptor>> doors() const;
  /// How many of its processes the kernel has killed because the group's memory was used up.
  [[nodiscard]] std::uint64_t memory_kills() const;
  /// The most that it ever used; nothing where the kernel does not say.
  [[nodiscard]] std::optional<Bytes> most_memory() const;
  /// Every process of it, with those that are started meanwhile.
  void kill() const;
  /// False while a process is left in it, which is killed: try again.
  [[nodiscard]] bool remove();

 private:
  friend class ControlGroups;
  [[nodiscard]] Status limit(const GroupLimits& limits) const;

  std::vector<Path> folders_;  ///< The first has the memory.
  bool unified_;
};

/// The place where this process may make control groups: below its own group, whose limits stay in
/// force for all of them.
class ControlGroups {
 public:
  /// An Error says why there is none (`message`, `cause`) and what to change (`hint`). Version 1:
  /// the hierarchy of memory, with that of pids where both can be written to. Version 2: a group
  /// with processes of its own cannot give limits to others below it, so where this is the only
  /// process of its group, it moves into one below. Groups that ended processes of nbreplay left
  /// behind are removed.
  ///
  /// `process` is /proc/self, but for tests.
  [[nodiscard]] static Result<std::shared_ptr<const ControlGroups>> find(
      const Path& process = "/proc/self");

  /// An empty one, `nbreplay-PID-NUMBER`.
  [[nodiscard]] Result<std::unique_ptr<ControlGroup>> make(const GroupLimits& limits) const;

  /// Of each hierarchy, the one with memory first.
  [[nodiscard]] const std::vector<Path>& places() const { return places_; }

  /// Use `find`.
  ControlGroups(std::vector<Path> places, bool unified)
      : places_(std::move(places)), unified_(unified) {}

 private:
  void remove_stale() const;

  std::vector<Path> places_;
  bool unified_;
};

}  // namespace nbreplay::process
