#include "nbreplay/trial/cached_runner.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "nbreplay/base/check.h"
#include "nbreplay/base/hash.h"

namespace nbreplay {

std::string_view to_string(Origin origin) {
  switch (origin) {
    case Origin::kFresh:
      return "fresh";
    case Origin::kBranched:
      return "branched";
    case Origin::kWarm:
      return "warm";
    case Origin::kCached:
      break;
  }
  return "cached";
}

bool is_storable(const Outcome& outcome) {
  if (!outcome.environment_change.empty()) return false;
  const auto* signaled = std::get_if<Signaled>(&outcome.termination);
  if (signaled != nullptr ? signaled->signal == SIGKILL
                          : !std::holds_alternative<Exited>(outcome.termination)) {
    return false;
  }
  return std::ranges::none_of(outcome.cells, [](const CellOutcome& cell) {
    const auto* raised = std::get_if<Raised>(&cell.end);
    return raised != nullptr && raised->caused_by_limit;
  });
}

CachedRunner::CachedRunner(TrialRunner& inner, TrialCache& cache, std::string worker)
    : inner_(inner), cache_(cache), worker_(std::move(worker)) {}

TrialId CachedRunner::submit(Trial trial, Freshness freshness, TrialEvents events) {
  const TrialId id = ++last_id_;
  std::string key = Hasher().add(worker_).add(trial.key()).hex();
  const bool watched = events.cell_started || events.cell_ended;
  if (freshness == Freshness::kAny && !watched) {
    if (std::optional<Outcome> known = cache_.find(key)) {
      ready_.push_back({id, *std::move(known), Origin::kCached});
      return id;
    }
  }
  Path root = trial.project ? trial.project->root : Path();
  const TrialId inner_id = inner_.submit(std::move(trial), freshness, std::move(events));
  outstanding_[inner_id] = {id, std::move(key), std::move(root)};
  return id;
}

Result<std::optional<Answer>> CachedRunner::wait(std::optional<TimePoint> deadline) {
  if (!ready_.empty()) {
    Answer answer = std::move(ready_.front());
    ready_.pop_front();
    return std::optional<Answer>{std::move(answer)};
  }
  NBREPLAY_TRY(std::optional<Answer> answer, inner_.wait(deadline));
  if (!answer) return answer;
  const auto found = outstanding_.find(answer->id);
  CHECK(found != outstanding_.end(), "a runner answers only trials it was given, once each");
  if (is_storable(answer->outcome)) {
    cache_.store(found->second.key, answer->outcome, answer->origin);
    stored_[found->second.root].push_back(found->second.key);
  }
  answer->id = found->second.id;
  outstanding_.erase(found);
  return answer;
}

std::vector<std::string> CachedRunner::take_stored(const Path& root) {
  return std::exchange(stored_[root], {});
}

void CachedRunner::cancel(TrialId id) {
  if (std::erase_if(ready_, [&](const Answer& answer) { return answer.id == id; }) > 0) return;
  const auto found =
      std::ranges::find_if(outstanding_, [&](const auto& entry) { return entry.second.id == id; });
  if (found == outstanding_.end()) return;
  inner_.cancel(found->first);
  outstanding_.erase(found);
}

}  // namespace nbreplay
