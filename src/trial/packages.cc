#include "nbreplay/trial/packages.h"

namespace nbreplay {

std::string normalised_name(std::string_view name) {
  std::string result;
  for (const char c : name) {
    const bool separator = c == '-' || c == '_' || c == '.';
    if (separator && !result.empty() && result.back() == '-') continue;
    result += separator ? '-' : (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

std::string_view required_name(std::string_view requirement) {
  return requirement.substr(0, requirement.find_first_of(" <>=!~[;(,"));
}

std::string_view to_string(PackageTrouble trouble) {
  switch (trouble) {
    case PackageTrouble::kUnbuildable:
      return "unbuildable";
    case PackageTrouble::kMissing:
      return "missing";
    case PackageTrouble::kUnreachable:
      return "unreachable";
    case PackageTrouble::kBroken:
      return "broken";
  }
  return "broken";
}

}  // namespace nbreplay
