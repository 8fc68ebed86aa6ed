#pragma once

#include <optional>

#include "nbreplay/environment/package_tools.h"

#include "environment/search.h"

namespace nbreplay::environment {

/// Makes the environment that a notebook had, or one that serves it, where none is at hand: from
/// what a person named, from what is recorded beside it, or from what it imports.
class Making {
 public:
  /// All must outlive this. `given`: the interpreter that a person named.
  Making(PackageTools& tools, Search& search, const EnvironmentRequest& request,
         std::optional<Interpreter> given)
      : tools_(tools), search_(search), request_(request), given_(std::move(given)) {}

  /// What is needed, and the Python for it: the one given; else that of a lock; else the minor
  /// that the notebook was saved by, or the nearest; else one that people used at the date; else
  /// the newest. Only such as the requirements allow.
  [[nodiscard]] Result<EnvironmentPlan> plan();
  /// kUsage when nothing is needed at all.
  [[nodiscard]] Result<Resolution> lock(const EnvironmentPlan& plan);
  [[nodiscard]] Result<Environment> make(const EnvironmentPlan& plan);

  /// The interpreter for questions that come before there is a plan.
  [[nodiscard]] Result<Interpreter> provisional();

 private:
  Result<Interpreter> choose(const Inference& inference, std::string& why);

  PackageTools& tools_;
  Search& search_;
  const EnvironmentRequest& request_;
  std::optional<Interpreter> given_;
};

}  // namespace nbreplay::environment
