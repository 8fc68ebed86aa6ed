#pragma once

#include <memory>

#include "nbreplay/base/file.h"
#include "nbreplay/trial/runner.h"

namespace nbreplay {

/// The trial cache as one SQLite file in the cache folder, shared by all runs of nbreplay, also
/// at the same time. Entries of another format version are not read. A cache that breaks under
/// way (disk full, file removed) answers nothing and stores nothing: it costs time, never an
/// answer.
class SqliteTrialCache final : public TrialCache {
 public:
  /// Opens or creates `folder`/trials.sqlite. An Error names the file; running without a cache is
  /// then the caller's choice.
  /// `only_fresh`: what was answered by a forked process is not found.
  [[nodiscard]] static Result<std::unique_ptr<SqliteTrialCache>> open(const Path& folder,
                                                                      bool only_fresh = false);
  ~SqliteTrialCache() override;

  [[nodiscard]] std::optional<Outcome> find(const std::string& key) override;
  void store(const std::string& key, const Outcome& outcome, Origin origin) override;
  /// Removes an entry that is found out to say nothing.
  void forget(const std::string& key);

 private:
  struct Database;
  explicit SqliteTrialCache(std::unique_ptr<Database> database);
  std::unique_ptr<Database> database_;
};

}  // namespace nbreplay
