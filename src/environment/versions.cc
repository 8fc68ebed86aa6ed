#include "environment/versions.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace nbreplay::environment {
namespace {

/// Larger components are a date or nonsense; nothing is compared beyond this.
constexpr std::uint64_t kLargest = 1'000'000'000'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::vector<std::uint64_t> release_of(std::string_view version) {
  if (!version.empty() && (version.front() == 'v' || version.front() == 'V'))
    version.remove_prefix(1);
  std::vector<std::uint64_t> numbers;
  while (!version.empty() && is_digit(version.front())) {
    std::uint64_t number = 0;
    while (!version.empty() && is_digit(version.front())) {
      number = std::min(kLargest, number * 10 + static_cast<std::uint64_t>(version.front() - '0'));
      version.remove_prefix(1);
    }
    numbers.push_back(number);
    if (version.size() < 2 || version.front() != '.' || !is_digit(version[1])) break;
    version.remove_prefix(1);
  }
  return numbers;
}

std::string_view unwrapped(std::string_view text) {
  constexpr std::string_view kBlank = " \t()";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// "2.4" matches "2.4.*".
bool has_prefix(std::string_view version, std::string_view prefix) {
  const auto have = release_of(version);
  const auto want = release_of(prefix);
  for (std::size_t i = 0; i < want.size(); ++i)
    if ((i < have.size() ? have[i] : 0) != want[i]) return false;
  return true;
}

bool satisfies_one(std::string_view version, std::string_view clause) {
  const std::size_t length = std::min(clause.find_first_not_of("<>=!~"), clause.size());
  const std::string_view sign = clause.substr(0, length);
  const std::string_view limit = unwrapped(clause.substr(length));
  const bool wildcard = limit.ends_with(".*");
  const int order = compare_versions(version, limit);
  if (sign == ">=") return order >= 0;
  if (sign == ">") return order > 0;
  if (sign == "<=") return order <= 0;
  if (sign == "<") return order < 0;
  if (sign == "==") return wildcard ? has_prefix(version, limit) : order == 0;
  if (sign == "!=") return wildcard ? !has_prefix(version, limit) : order != 0;
  if (sign == "~=") {
    const std::size_t dot = limit.rfind('.');
    return order >= 0 &&
           (dot == std::string_view::npos || has_prefix(version, limit.substr(0, dot)));
  }
  return true;
}

}  // namespace

int compare_versions(std::string_view a, std::string_view b) {
  auto left = release_of(a);
  auto right = release_of(b);
  const std::size_t size = std::max(left.size(), right.size());
  left.resize(size);
  right.resize(size);
  if (left == right) return 0;
  return left < right ? -1 : 1;
}

std::string minor_of(std::string_view version) {
  const auto release = release_of(version);
  if (release.size() < 2) return {};
  return std::to_string(release[0]) + "." + std::to_string(release[1]);
}

bool satisfies(std::string_view version, std::string_view ranges) {
  while (!ranges.empty()) {
    const std::size_t end = std::min(ranges.find(','), ranges.size());
    const std::string_view clause = unwrapped(ranges.substr(0, end));
    if (!clause.empty() && !satisfies_one(version, clause)) return false;
    ranges.remove_prefix(std::min(end + 1, ranges.size()));
  }
  return true;
}

}  // namespace nbreplay::environment
