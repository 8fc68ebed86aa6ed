#pragma once

#include <string>

#include "nbreplay/diagnosis/version_result.h"

#include "report/field_reader.h"

namespace nbreplay {

/// `versions` of a crash, read back from a result document; `problem` as FieldReader has it.
[[nodiscard]] VersionsFinding versions_in(FieldReader reader, std::string& problem);

}  // namespace nbreplay
