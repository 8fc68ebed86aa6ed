#include "nbreplay/reduce/ddmin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/reduce/fake_oracle.h"

namespace nbreplay::reduce::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Ddmin, KeepsBothCulpritsWhenNeitherCrashesAlone) {
  FakeOracle oracle(64, needs_all({0, 63}));
  EXPECT_THAT(ddmin(64, oracle).kept, ElementsAre(0, 63));
}

TEST(Ddmin, FindsOneCulpritInLogarithmicallyManyTests) {
  FakeOracle oracle(1024, needs_all({700}));
  const Reduction reduction = ddmin(1024, oracle);
  EXPECT_THAT(reduction.kept, ElementsAre(700));
  EXPECT_LE(reduction.queries, 2U * 10 + 1);
}

TEST(Ddmin, RemovesEverythingWhenNothingIsNeeded) {
  FakeOracle oracle(16, needs_all({}));
  EXPECT_THAT(ddmin(16, oracle).kept, IsEmpty());
}

TEST(Ddmin, StaysWithinItsBoundWhenAllIsNeeded) {
  const Subset all = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  FakeOracle oracle(all.size(), needs_all(all));
  const Reduction reduction = ddmin(all.size(), oracle);
  EXPECT_EQ(reduction.kept, all);
  EXPECT_LE(reduction.queries, all.size() * all.size() + 3 * all.size());
}

TEST(Ddmin, KeepsTheBestWhenStopped) {
  FakeOracle oracle(64, needs_all({40}));
  oracle.stop_after(3);
  const Reduction reduction = ddmin(64, oracle);
  EXPECT_FALSE(reduction.complete);
  EXPECT_TRUE(holds(reduction.kept, {40}));
  EXPECT_LT(reduction.kept.size(), 64U);
}

}  // namespace
}  // namespace nbreplay::reduce::test
