// What ends a reduction of data early, and what is left as it is.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/diagnosis/reducing_data.h"

namespace nbreplay::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(MinimiseDataStops, ATableThatIsNeededWholeDoesNotTakeForever) {
  ReducingData reducing;
  const std::string text = orders(900, 5);
  reducing.write("data.csv", text);
  reducing.crashes = [&](const std::string& now) -> std::optional<std::string> {
    if (std::count(now.begin(), now.end(), '\n') < 800) return std::nullopt;
    return "too few";
  };
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  const InputReduction& input = minimal.data->inputs.front();
  EXPECT_LE(input.queries, 402U);
  EXPECT_EQ(input.after.rows, 799U);
  EXPECT_EQ(input.guarantee, Guarantee::kPartial);
  EXPECT_THAT(input.why_partial, HasSubstr("the most for one file"));
  EXPECT_THAT(input.rows, Not(IsEmpty()));
  EXPECT_EQ(minimal.confirmations, 3U) << "there is a result, and it is confirmed";
}

TEST(MinimiseDataStops, TheBudgetIsNotSpentToTheEndAndThatIsSaid) {
  ReducingData reducing;
  reducing.write("data.csv", orders(3000, 3));
  reducing.crashes = no_number_in("price");
  reducing.settings.budget = std::chrono::seconds(20);
  reducing.trial_takes = std::chrono::seconds(1);
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  const InputReduction& input = minimal.data->inputs.front();
  EXPECT_EQ(input.guarantee, Guarantee::kPartial);
  EXPECT_THAT(input.why_partial, HasSubstr("budget"));
  EXPECT_LT(input.after.rows, 3000U);
  EXPECT_EQ(minimal.confirmations, 3U);
}

TEST(MinimiseDataStops, NamesWhatCannotBeReducedAndWhy) {
  ReducingData reducing;
  reducing.write("data.csv", orders(5, 3));
  reducing.write("packed.csv", std::string("PK\0\1", 4));
  reducing.write("own.csv", "a\n1\n");
  reducing.write("model.pkl", "x");
  reducing.crashes = no_number_in("price");
  const MinimalSequence minimal = reducing.reduce({{"read_csv(\"https://example.org/a.csv\")"},
                                                   {"read_csv(\"packed.csv\")"},
                                                   {"to_csv(\"own.csv\")\nread_csv(\"own.csv\")"},
                                                   {"load(\"model.pkl\")"},
                                                   {"read_csv(\"/data/a.csv\")"},
                                                   {"read_csv(\"../a.csv\")"},
                                                   {"read_csv(\"nowhere.csv\")"},
                                                   {"read_csv(name)"},
                                                   {"read_csv(\"data.csv\")"},
                                                   {"df.price.astype"}});
  std::vector<std::string> words;
  for (const InputReduction& input : minimal.data->inputs)
    words.push_back(input.path + ": " + input.not_reduced);
  ASSERT_EQ(words.size(), 9U);
  EXPECT_THAT(words[0], HasSubstr("example.org/a.csv: a URL"));
  EXPECT_THAT(words[1], HasSubstr("packed.csv: compressed, binary"));
  EXPECT_THAT(words[2], HasSubstr("own.csv: the notebook itself writes it"));
  EXPECT_THAT(words[3], HasSubstr("model.pkl: not a table"));
  EXPECT_THAT(words[4], HasSubstr("an absolute path"));
  EXPECT_THAT(words[5], HasSubstr("outside of the project"));
  EXPECT_THAT(words[6], HasSubstr("not there before"));
  EXPECT_THAT(words[7],
              HasSubstr("neither its source nor a run says which file cell 8 reads with read_csv"));
  EXPECT_EQ(words[8], "data.csv: ");
}

TEST(MinimiseDataStops, AFileWhoseContentDoesNotMatterStaysAsItIs) {
  ReducingData reducing;
  reducing.write("data.csv", orders(5, 3));
  reducing.crashes = [](const std::string&) { return "always"; };
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  EXPECT_THAT(minimal.data->inputs.front().not_reduced, HasSubstr("does not depend"));
  EXPECT_FALSE(minimal.data->any_reduced());
  EXPECT_TRUE(reducing.trials.back().extra_files.empty());
}

TEST(MinimiseDataStops, AStopKeepsTheBestSoFar) {
  ReducingData reducing;
  reducing.write("data.csv", orders(5000, 3210));
  reducing.crashes = no_number_in("price");
  reducing.stop_after = 8;
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  const InputReduction& input = minimal.data->inputs.front();
  EXPECT_EQ(input.not_reduced, "");
  EXPECT_LT(input.after.rows, 5000U);
  EXPECT_EQ(input.guarantee, Guarantee::kPartial);
  EXPECT_EQ(input.why_partial, "interrupted");
  EXPECT_TRUE(no_number_in("price")(input.content)) << "it still crashes";
  EXPECT_EQ(minimal.confirmations, 0U);
}

TEST(MinimiseDataStops, AReductionThatAFreshRunDeniesIsDropped) {
  ReducingData reducing;
  reducing.write("data.csv", orders(50, 3));
  reducing.crashes = no_number_in("price");
  reducing.strange = [](const Trial& trial) {
    return trial.hash_seed == 2 && !trial.extra_files.empty();
  };
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  EXPECT_FALSE(minimal.data->any_reduced());
  EXPECT_THAT(minimal.data->inputs.front().not_reduced, HasSubstr("not every fresh run"));
  EXPECT_EQ(minimal.data->inputs.front().content, "");
  EXPECT_EQ(minimal.confirmations, 3U);
  EXPECT_EQ(minimal.confirmed_at_a, 3U) << "of what is left: the notebook with its own file";
  EXPECT_EQ(minimal.guarantee, Guarantee::kOneMinimal);
}

}  // namespace
}  // namespace nbreplay::test
