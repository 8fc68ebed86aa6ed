#include "cli/version_services.h"

#include <gmock/gmock.h>

namespace nbreplay::cli {
namespace {

using testing::ElementsAre;

TEST(PythonVersions, AreARangeOrAList) {
  EXPECT_THAT(parse_python_versions("3.8..3.11").value(),
              ElementsAre("3.8", "3.9", "3.10", "3.11"));
  EXPECT_THAT(parse_python_versions("3.12,3.8,3.12").value(), ElementsAre("3.8", "3.12"));
}

TEST(PythonVersions, AnythingElseIsSaidToBeWrong) {
  for (const char* text : {"", "3.8", "3.12..3.8", "2.7..3.8", "3.8..", "..3.8", "3.8..3.x",
                           "3.8,3.9,", "3.8..3.999", "3.08x,3.9", "3.-1..3.2"}) {
    const auto versions = parse_python_versions(text);
    ASSERT_FALSE(versions) << text;
    EXPECT_FALSE(versions.error().hint.empty());
  }
}

}  // namespace
}  // namespace nbreplay::cli
