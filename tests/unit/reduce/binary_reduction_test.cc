#include "nbreplay/reduce/binary_reduction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <numeric>

#include "support/property_rounds.h"
#include "unit/reduce/fake_oracle.h"

namespace nbreplay::reduce::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t kRows = nbreplay::test::property_rounds(100'000);

TEST(BinaryReduction, FindsOneCulpritOfManyInAsManyTestsAsBisectionTakes) {
  for (const std::size_t culprit : {std::size_t{0}, kRows / 3, kRows / 2, kRows - 1}) {
    FakeOracle oracle(kRows, needs_all({culprit}));
    const Reduction reduction = binary_reduction(kRows, oracle);
    EXPECT_THAT(reduction.kept, ElementsAre(culprit));
    EXPECT_TRUE(reduction.one_minimal());
    EXPECT_LE(reduction.queries, 20U);
  }
}

TEST(BinaryReduction, FindsOneCulpritWithFewTestsBesideEachOther) {
  for (const std::size_t jobs : {2U, 4U}) {
    const std::size_t culprit = kRows / 10 * 7;
    FakeOracle oracle(kRows, needs_all({culprit}), jobs);
    const Reduction reduction = binary_reduction(kRows, oracle);
    EXPECT_THAT(reduction.kept, ElementsAre(culprit));
    EXPECT_LE(reduction.queries, 34U);
  }
}

TEST(BinaryReduction, KeepsCulpritsFarApart) {
  FakeOracle oracle(kRows, needs_all({7, kRows / 2, kRows - 1}));
  const Reduction reduction = binary_reduction(kRows, oracle);
  EXPECT_THAT(reduction.kept, ElementsAre(7, kRows / 2, kRows - 1));
  EXPECT_LE(reduction.queries, 1U + 3 * (17 + 3));
}

TEST(BinaryReduction, AsksOnceWhenNothingIsNeeded) {
  FakeOracle oracle(kRows, needs_all({}));
  const Reduction reduction = binary_reduction(kRows, oracle);
  EXPECT_THAT(reduction.kept, IsEmpty());
  EXPECT_EQ(reduction.queries, 1U);
}

TEST(BinaryReduction, ANumberOfElementsTakesATestOrTwoEach) {
  // Any 40 will do, as where a library wants so many rows.
  FakeOracle oracle(kRows, [](const Subset& subset) {
    return subset.size() >= 40 ? TestOutcome::kFail : TestOutcome::kPass;
  });
  const Reduction reduction = binary_reduction(kRows, oracle);
  EXPECT_EQ(reduction.kept.size(), 40U);
  EXPECT_TRUE(reduction.one_minimal());
  EXPECT_LE(reduction.queries, 1U + 17 + 3 * 40);
}

TEST(BinaryReduction, KeepsTheBestWhenStopped) {
  FakeOracle oracle(kRows, needs_all({40}));
  oracle.stop_after(6);
  const Reduction reduction = binary_reduction(kRows, oracle);
  EXPECT_FALSE(reduction.complete);
  EXPECT_FALSE(reduction.one_minimal());
  EXPECT_TRUE(holds(reduction.kept, {40}));
  EXPECT_LT(reduction.kept.size(), kRows / 16);
}

TEST(BinaryReduction, SaysWhatIsKnownOfALongListThatItHardlySearched) {
  FakeOracle oracle(kRows, needs_all({0, kRows - 1}));
  oracle.stop_after(std::bit_width(kRows) + 1U);  // a bisection and one more
  const Reduction reduction = binary_reduction(kRows, oracle);
  EXPECT_EQ(reduction.kept.size(), kRows);
  EXPECT_EQ(reduction.certified(), 1U) << "the last was seen to be needed";
  EXPECT_EQ(reduction.without.back(), TestOutcome::kPass);
}

}  // namespace
}  // namespace nbreplay::reduce::test
