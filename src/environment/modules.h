#pragma once

#include <string>
#include <vector>

#include "nbreplay/trial/environment.h"

namespace nbreplay::environment {

/// Which of `imports` ("sklearn.svm") an environment does not hold, going by their first part and
/// the names of its files: neither the standard library, nor its packages, nor `folders` (the
/// notebook's own and its project's, where modules of one's own lie). Nothing is run.
[[nodiscard]] std::vector<std::string> lacking_modules(const std::vector<std::string>& imports,
                                                       const Environment& environment,
                                                       const std::vector<Path>& folders);

/// Which of `requirements` ("pandas==1.5.3", "six") the packages of an environment do not satisfy.
/// Tools that install packages do not count: a notebook that renews pip needs no other pip.
[[nodiscard]] std::vector<std::string> lacking_requirements(
    const std::vector<std::string>& requirements, const Environment& environment);

}  // namespace nbreplay::environment
