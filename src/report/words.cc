#include "report/words.h"

#include <fmt/format.h>

namespace nbreplay {

std::string cause_name(const Cause& cause) {
  if (cause.sublabel.empty() || cause.sublabel == cause.label) return cause.label;
  return fmt::format("{}: {}", cause.label, cause.sublabel);
}

std::string requirement_words(const UnmetRequirement& unmet) {
  const std::string there =
      unmet.present.empty() ? "which is not there" : fmt::format("and {} is there", unmet.present);
  return fmt::format("{} {} wants {}{}, {}", unmet.by.name, unmet.by.version, unmet.package,
                     unmet.specifier, there);
}

}  // namespace nbreplay
