#pragma once

#include <string>
#include <string_view>

namespace nbreplay::environment {

/// Compares release numbers ("3.9" before "3.11", "1.0" equals "1.0.0"); what follows the numbers
/// (rc1, .post1, +local) does not count. Negative, zero or positive.
[[nodiscard]] int compare_versions(std::string_view a, std::string_view b);

/// "3.11" of "3.11.7"; empty when `version` does not begin with two numbers.
[[nodiscard]] std::string minor_of(std::string_view version);

/// Whether `version` lies in ranges such as ">=5.13.0,<6" (PEP 440; compared by release numbers).
/// A clause that is not understood counts as satisfied.
[[nodiscard]] bool satisfies(std::string_view version, std::string_view ranges);

}  // namespace nbreplay::environment
