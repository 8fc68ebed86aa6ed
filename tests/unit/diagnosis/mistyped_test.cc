#include "diagnosis/mistyped.h"

#include <gtest/gtest.h>

namespace nbreplay {
namespace {

TEST(EditDistance, CountsSwappedNeighboursAsOne) {
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("lenght", "length"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(LooksMistyped, KnowsSlipsOfTheHand) {
  EXPECT_EQ(looks_mistyped("vinyeard", "vineyard"), Likeness::kSlip) << "swapped";
  EXPECT_EQ(looks_mistyped("datset", "dataset"), Likeness::kSlip) << "a letter too few";
  EXPECT_EQ(looks_mistyped("dataaset", "dataset"), Likeness::kSlip) << "a letter too many";
  EXPECT_EQ(looks_mistyped("DataSet", "dataset"), Likeness::kSlip) << "another case";
  EXPECT_EQ(looks_mistyped("seperate", "separate"), Likeness::kSlip) << "another vowel";
  EXPECT_EQ(looks_mistyped("dataaset_a", "dataset_a"), Likeness::kSlip) << "in one part";
  EXPECT_EQ(looks_mistyped("tset_y", "test_y"), Likeness::kSlip);
  EXPECT_EQ(looks_mistyped("testy", "test_y"), Likeness::kSlip) << "the underscore";
}

TEST(LooksMistyped, KnowsNamesOfOtherThings) {
  EXPECT_EQ(looks_mistyped("X_train", "y_train"), Likeness::kNone);
  EXPECT_EQ(looks_mistyped("model1", "model2"), Likeness::kNone);
  EXPECT_EQ(looks_mistyped("df", "dg"), Likeness::kNone);
  EXPECT_EQ(looks_mistyped("train", "train_data"), Likeness::kNone);
  EXPECT_EQ(looks_mistyped("same", "same"), Likeness::kNone);
}

TEST(LooksMistyped, IsNotSureOfPluralsAndOtherLetters) {
  EXPECT_EQ(looks_mistyped("label", "labels"), Likeness::kPossible);
  EXPECT_EQ(looks_mistyped("test_loss", "best_loss"), Likeness::kPossible);
}

}  // namespace
}  // namespace nbreplay
