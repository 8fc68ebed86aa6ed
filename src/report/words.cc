#include "report/words.h"

#include <fmt/format.h>

namespace nbreplay {

std::string cause_name(const Cause& cause) {
  if (cause.sublabel.empty() || cause.sublabel == cause.label) return cause.label;
  return fmt::format("{}: {}", cause.label, cause.sublabel);
}

}  // namespace nbreplay
