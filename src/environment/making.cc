#include "environment/making.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "environment/candidates.h"
#include "environment/versions.h"

namespace nbreplay::environment {
namespace {

/// Days on which minors came out; a year later most people's libraries had files for them.
struct Minor {
  int number;
  std::string_view a_year_later;
};
constexpr Minor kMinors[] = {{14, "2026-10-07"}, {13, "2025-10-07"}, {12, "2024-10-02"},
                             {11, "2023-10-24"}, {10, "2022-10-04"}, {9, "2021-10-05"}};

int number_of(const std::string& minor) {
  return std::atoi(minor.c_str() + std::min<std::size_t>(minor.size(), 2));
}

/// The minor of most notebooks at that time.
int minor_at(std::string_view date) {
  for (const Minor& minor : kMinors)
    if (date >= minor.a_year_later) return minor.number;
  return kOldestMinor;
}

}  // namespace

Result<Interpreter> Making::provisional() {
  std::string why;
  return choose({}, why);
}

Result<EnvironmentPlan> Making::plan() {
  NBREPLAY_TRY(const Interpreter first, provisional());
  EnvironmentPlan plan;
  NBREPLAY_TRY(plan.inference, tools_.infer(request_, first, {}));
  NBREPLAY_TRY(plan.interpreter, choose(plan.inference, plan.python_why));
  // Markers such as python_version < "3.9" were read for another one.
  if (plan.interpreter.minor != first.minor) {
    NBREPLAY_TRY(plan.inference, tools_.infer(request_, plan.interpreter, {}));
  }
  return plan;
}

Result<Resolution> Making::lock(const EnvironmentPlan& plan) {
  const Inference& inference = plan.inference;
  if (inference.lock) return Resolution{*inference.lock, {}};
  if (inference.requirements.empty())
    return Error{ErrorCode::kUsage,
                 inference.unknown.empty() ? std::string("no packages are known to be needed")
                                           : fmt::format("no package is known for {}",
                                                         fmt::join(inference.unknown, ", ")),
                 fmt::format("{}", fmt::join(inference.notes, "; ")),
                 "name what is needed in a file: --requirements FILE"};
  return tools_.resolve({inference.requirements, inference.constraints, inference.as_of},
                        plan.interpreter);
}

Result<Environment> Making::make(const EnvironmentPlan& plan) {
  const Inference& inference = plan.inference;
  NBREPLAY_TRY(const Resolution resolution, lock(plan));
  std::string why = fmt::format("made for {}", inference.why);
  why += fmt::format("; Python {} {}", plan.interpreter.minor, plan.python_why);
  for (const std::string& note : inference.notes) why += "; " + note;
  for (const std::string& note : resolution.notes) why += "; " + note;
  return tools_.create(resolution.lock, plan.interpreter,
                       {inference.source, std::move(why), inference.source});
}

Result<Interpreter> Making::choose(const Inference& inference, std::string& why) {
  if (given_) {
    why = "as asked for";
    return *given_;
  }
  std::vector<Found> all = search_.all();
  std::erase_if(all, [&](const Found& one) {
    return !search_.has_worker(one.interpreter) ||
           !satisfies(one.interpreter.version, inference.requires_python) ||
           (inference.lock && inference.lock->python != one.interpreter.minor);
  });
  if (all.empty())
    return environment_error(
        fmt::format("no Python that can be used satisfies {}",
                    inference.lock
                        ? fmt::format("the lock, which is for {}", inference.lock->python)
                    : inference.requires_python.empty() ? "what notebooks need"
                                                        : inference.requires_python),
        "", "see 'nbreplay doctor' for the interpreters of this machine and how to get others");
  const std::string saved_by = minor_of(request_.notebook_python);
  const std::string& date = inference.as_of;
  int wanted = -1;
  if (inference.lock)
    why = "as the lock says";
  else if (!saved_by.empty())
    wanted = number_of(saved_by);
  else if (!date.empty())
    wanted = minor_at(date);
  const auto better = [&](const Found& a, const Found& b) {
    const auto rank = [&](const Interpreter& one) {
      const bool named = one.found_by == "PATH" || one.found_by == "NBREPLAY_PYTHONS";
      const int distance = wanted < 0 ? 0 : std::abs(number_of(one.minor) - wanted);
      return std::pair(-distance, named);
    };
    const auto left = rank(a.interpreter);
    const auto right = rank(b.interpreter);
    if (left != right) return left > right;
    return compare_versions(a.interpreter.version, b.interpreter.version) > 0;
  };
  const Interpreter best = std::ranges::min_element(all, better)->interpreter;
  if (inference.lock) return best;
  if (wanted < 0)
    why = "the newest at hand";
  else if (number_of(best.minor) != wanted)
    why = fmt::format("the nearest to 3.{}, {}", wanted,
                      saved_by.empty() ? "usual then" : "which the notebook was saved by");
  else
    why = saved_by.empty() ? "usual then" : "as the notebook was saved by";
  return best;
}

}  // namespace nbreplay::environment
