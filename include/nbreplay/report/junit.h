#pragma once

#include <string>
#include <vector>

#include "nbreplay/regression/test_result.h"

namespace nbreplay {

/// The results as JUnit XML (the form that CI systems read): one test suite, a test case per
/// notebook, classname its folder. Characters that XML 1.0 cannot carry are replaced.
[[nodiscard]] std::string junit_xml(const std::vector<TestResult>& results);

}  // namespace nbreplay
