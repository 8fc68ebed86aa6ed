#pragma once

// Parts that stand in several places of a result document, read back.

#include <array>
#include <cstddef>
#include <string>

#include "nbreplay/crash/crash.h"
#include "nbreplay/diagnosis/verdict.h"

#include "report/field_reader.h"

namespace nbreplay {

/// The value of an enumeration whose word stands in the field.
template <class Enum, std::size_t N>
[[nodiscard]] Enum word(FieldReader& reader, const char* key, const std::array<Enum, N>& values) {
  const std::string text = reader.text(key);
  for (const Enum value : values)
    if (to_string(value) == text) return value;
  reader.fail(key, "a word that this version knows");
  return values.front();
}

[[nodiscard]] inline Verdict verdict_in(FieldReader& reader, const char* key) {
  return word(reader, key,
              std::array{Verdict::kUnknown, Verdict::kConfirmed, Verdict::kRefuted,
                         Verdict::kAmbiguous, Verdict::kBlocked});
}

/// Its type and message; no more is written.
[[nodiscard]] inline Crash crash_in(FieldReader reader) {
  Crash crash;
  crash.type = reader.text("ename");
  if (reader.find("evalue") != nullptr) crash.message = reader.text("evalue");
  return crash;
}

}  // namespace nbreplay
