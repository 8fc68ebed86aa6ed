#include "nbreplay/trial/packages.h"

namespace nbreplay {

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
