#include "nbreplay/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace nbreplay {

void check_failed(std::string_view condition, std::string_view file, int line,
                  std::string_view what) {
  std::fprintf(stderr, "internal error: %.*s (%.*s at %.*s:%d)\n", static_cast<int>(what.size()),
               what.data(), static_cast<int>(condition.size()), condition.data(),
               static_cast<int>(file.size()), file.data(), line);
  std::abort();
}

}  // namespace nbreplay
