#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "nbreplay/trial/runner.h"

namespace nbreplay {

/// Whether `outcome` may answer the same trial asked again: it ended on its own, by exit or by a
/// signal that it raised, without meeting a limit of ours and without changing its environment.
/// Death by SIGKILL is left out: nobody kills himself so, but the system does when memory is low.
[[nodiscard]] bool is_storable(const Outcome& outcome);

/// Answers trials from a cache where it may, and stores what `inner` answers.
///
/// Never answers from the cache: fresh trials, and trials that somebody watches (TrialEvents),
/// since a stored outcome has no course of events. Cached answers come before all others.
class CachedRunner final : public TrialRunner {
 public:
  /// `worker` says what runs the trials (version, build): it is part of every key, so that an
  /// answer of another worker is never taken. `inner` and `cache` must outlive this.
  CachedRunner(TrialRunner& inner, TrialCache& cache, std::string worker);

  TrialId submit(Trial trial, Freshness freshness, TrialEvents events = {}) override;
  [[nodiscard]] Result<std::optional<Answer>> wait(std::optional<TimePoint> deadline = {}) override;
  void cancel(TrialId id) override;
  [[nodiscard]] std::size_t jobs() const override { return inner_.jobs(); }

  /// The keys under which outcomes of trials in the project at `root` were stored since this was
  /// asked last.
  [[nodiscard]] std::vector<std::string> take_stored(const Path& root);

 private:
  struct Outstanding {
    TrialId id = 0;  // ours
    std::string key;
    Path root;  ///< Of its project.
  };

  TrialRunner& inner_;
  TrialCache& cache_;
  std::string worker_;
  TrialId last_id_ = 0;
  std::deque<Answer> ready_;
  std::map<TrialId, Outstanding> outstanding_;  // by inner_'s id
  std::map<Path, std::vector<std::string>> stored_;
};

}  // namespace nbreplay
