#include "nbreplay/trial/packages.h"

#include <gtest/gtest.h>

namespace nbreplay {
namespace {

TEST(Packages, NamesAreNormalisedAsInPep503) {
  EXPECT_EQ(normalised_name("Scikit_Learn"), "scikit-learn");
  EXPECT_EQ(normalised_name("zope.interface"), "zope-interface");
  EXPECT_EQ(normalised_name("ruamel.yaml"), "ruamel-yaml");
  EXPECT_EQ(normalised_name("a__b--c"), "a-b-c");
  EXPECT_EQ(normalised_name("a.-_b"), "a-b");
}

TEST(Packages, RequirementsBeginWithAName) {
  for (const char* requirement :
       {"Pandas", "Pandas 2.0", "Pandas[all]>=1.5", "Pandas; extra == 'a'", "Pandas(>=1)",
        "Pandas~=1.5", "Pandas, which is not there"})
    EXPECT_EQ(required_name(requirement), "Pandas") << requirement;
  EXPECT_EQ(required_name(""), "");
}

}  // namespace
}  // namespace nbreplay
