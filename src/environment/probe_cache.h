#pragma once

#include <map>
#include <optional>
#include <string>

#include "environment/probe.h"

namespace nbreplay::environment {

/// Answers of interpreters by the file they came from: `interpreters.json` in the cache folder. An
/// entry counts as long as the file's time and size are the same and its libpython exists. The
/// whole file is dropped when it is broken, of another format, or not this user's own: it names
/// libraries that will be loaded.
class ProbeCache {
 public:
  /// `folder` empty: keeps nothing.
  explicit ProbeCache(const Path& folder);
  /// Writes what is new; a cache that cannot be written costs time, nothing else.
  ~ProbeCache();
  ProbeCache(const ProbeCache&) = delete;
  ProbeCache& operator=(const ProbeCache&) = delete;

  /// Answers from the cache, else asks. `executable` should be free of links.
  [[nodiscard]] Result<ProbeFacts> facts(ChildRunner& children, const Path& executable);

 private:
  struct Entry {
    std::string stamp;
    std::string answer;  ///< As probe_json writes it.
  };

  void load();

  Path file_;
  std::map<std::string, Entry> entries_;
  bool changed_ = false;
};

}  // namespace nbreplay::environment
