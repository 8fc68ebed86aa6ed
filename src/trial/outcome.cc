#include "nbreplay/trial/outcome.h"

#include <fmt/format.h>
#include <string.h>

namespace nbreplay {
namespace {

std::string signal_name(int signal) {
  const char* const name = ::sigabbrev_np(signal);
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

std::string_view name_of(Resource resource) {
  switch (resource) {
    case Resource::kMemory:
      return "memory limit";
    case Resource::kDisk:
      return "disk limit";
    case Resource::kOutput:
      return "output limit";
    case Resource::kProcesses:
      return "process limit";
  }
  return "limit";
}

struct Describe {
  std::string operator()(const Exited& exited) const {
    return fmt::format("exited with {}", exited.code);
  }
  std::string operator()(const Signaled& signaled) const {
    return "died by " + signal_name(signaled.signal);
  }
  std::string operator()(const TimedOut& timed_out) const {
    return timed_out.limit == TimeLimit::kCell ? "cell time-out" : "time budget used up";
  }
  std::string operator()(const LimitExceeded& exceeded) const {
    std::string text(name_of(exceeded.resource));
    if (!exceeded.detail.empty()) text += ": " + exceeded.detail;
    return text;
  }
  std::string operator()(const Killed& /*killed*/) const { return "cancelled"; }
  std::string operator()(const SetupFailed& failed) const {
    return fmt::format("set-up failed at {}: {}", failed.stage, failed.message);
  }
};

}  // namespace

std::string describe(const Termination& termination) {
  return std::visit(Describe{}, termination);
}

const CellOutcome* Outcome::first_failure(const std::vector<bool>& may_fail) const {
  for (const CellOutcome& cell : cells) {
    if (std::holds_alternative<Interrupted>(cell.end)) return &cell;
    const bool allowed = cell.position < may_fail.size() && may_fail[cell.position];
    if (std::holds_alternative<Raised>(cell.end) && !allowed) return &cell;
  }
  return nullptr;
}

}  // namespace nbreplay
