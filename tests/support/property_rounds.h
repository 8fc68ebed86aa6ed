#pragma once

namespace nbreplay::test {

/// How many random cases a property test draws, or of how many elements one of large inputs makes
/// them: all, or a quarter under sanitizers, which run twenty times slower. Cases are drawn from
/// their number, so these are the first of the same ones.
constexpr unsigned property_rounds(unsigned all) {
#if defined(NBREPLAY_ADDRESS_SANITIZER)
  return all / 4;
#else
  return all;
#endif
}

}  // namespace nbreplay::test
