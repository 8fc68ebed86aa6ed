#pragma once

#include <functional>

#include "nbreplay/environment/package_tools.h"

#include "environment/search.h"
#include "environment/tool_answer.h"

namespace nbreplay {

/// How long a question may take. What is fetched so far is kept, so that a second try goes on where
/// the first was cut off.
inline constexpr Duration kToLook = std::chrono::minutes(2);
inline constexpr Duration kToMake = std::chrono::minutes(30);

/// Runs the helper package: one child process per question.
class PackageTools::Helper {
 public:
  /// All must outlive this.
  Helper(const PackageToolSettings& tools, const EnvironmentSettings& machine,
         ChildRunner& children)
      : tools_(tools), machine_(machine), children_(children) {}

  /// The answer to `request`, to which the fields that every request carries are added. An Error
  /// means that there was no answer: the tools are missing, or died, or took too long.
  [[nodiscard]] Result<environment::ToolAnswer> ask(std::string_view command,
                                                    environment::Json request, Duration timeout);
  /// The same where it does not matter what kind of failure it is: always with `ok`.
  [[nodiscard]] Result<environment::ToolAnswer> demand(std::string_view command,
                                                       environment::Json request, Duration timeout);
  /// The process that would answer.
  [[nodiscard]] Result<ChildCommand> command(std::string_view command, environment::Json request,
                                             Duration timeout);
  /// Starts one in the background that fetches ahead. Who needs something of it later learns what
  /// is wrong then.
  void prefetch(environment::Json request);

 private:
  /// Found once: any CPython that is new enough.
  Result<Path> interpreter();

  const PackageToolSettings& tools_;
  const EnvironmentSettings& machine_;
  ChildRunner& children_;
  Path interpreter_;
};

}  // namespace nbreplay
