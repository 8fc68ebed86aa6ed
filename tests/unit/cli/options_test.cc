#include "cli/options.h"

#include <gmock/gmock.h>

namespace nbreplay::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

/// The options as a command would see them; the message of the usage error otherwise.
std::string parse(CommonOptions& options, const std::vector<std::string>& words) {
  CLI::App app("test", "test");
  add_common_options(app, options, std::chrono::minutes(10));
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // last first, for CLI11
  } catch (const CLI::ParseError& problem) {
    return problem.what();
  }
  return {};
}

TEST(DidYouMean, FindsNearWordsOnly) {
  const std::vector<std::string> known{"diagnose", "run", "report", "doctor"};
  EXPECT_EQ(did_you_mean("dignose", known), "diagnose");
  EXPECT_EQ(did_you_mean("rn", known), "run");
  EXPECT_EQ(did_you_mean("repotr", known), "report");
  EXPECT_EQ(did_you_mean("frobnicate", known), "");
  EXPECT_EQ(did_you_mean("", {}), "");
}

TEST(CommonOptions, DefaultsAreThoseOfTheDocumentation) {
  CommonOptions options;
  EXPECT_EQ(parse(options, {}), "");
  EXPECT_EQ(options.budget, Duration(std::chrono::minutes(10)));
  EXPECT_FALSE(options.limits.given.budget);
  EXPECT_EQ(options.limits.output_per_stream, mib(1));
  EXPECT_EQ(options.limits.output_per_run, mib(64));
  EXPECT_EQ(options.limits.files_written, gib(4));
  EXPECT_FALSE(options.limits.address_space);
  EXPECT_EQ(options.shell, Shell::kIPython);
  EXPECT_FALSE(options.seed);
}

TEST(CommonOptions, InferringIsLeftToNeedUnlessSaid) {
  CommonOptions options;
  EXPECT_EQ(parse(options, {}), "");
  EXPECT_EQ(options.infer, std::nullopt);
  EXPECT_EQ(parse(options, {"--infer"}), "");
  EXPECT_EQ(options.infer, true);
  EXPECT_EQ(parse(options, {"--no-infer"}), "");
  EXPECT_EQ(options.infer, false);
  EXPECT_THAT(parse(options, {"--infer", "--no-infer"}), HasSubstr("excludes"));
}

TEST(CommonOptions, DatesAreOnesOfTheCalendar) {
  CommonOptions options;
  EXPECT_EQ(parse(options, {"--as-of", "2024-02-29"}), "");
  EXPECT_EQ(options.as_of, "2024-02-29");
  for (const char* wrong : {"2023-02-29", "2023-1-1", "20230101", "2023-01-01x", "soon"})
    EXPECT_THAT(parse(options, {"--as-of", wrong}), HasSubstr("is no date"));
}

TEST(CommonOptions, LimitsThatAPersonGaveAreMarked) {
  CommonOptions options;
  EXPECT_EQ(parse(options, {"--budget", "2m", "--cell-timeout", "5s", "--memory", "1GiB",
                            "--address-space", "2GiB", "--jobs", "3", "--seed", "7"}),
            "");
  EXPECT_EQ(options.budget, Duration(std::chrono::minutes(2)));
  EXPECT_EQ(options.limits.cell_timeout, Duration(std::chrono::seconds(5)));
  EXPECT_EQ(options.limits.memory, gib(1));
  EXPECT_EQ(options.limits.address_space, gib(2));
  EXPECT_TRUE(options.limits.given.budget && options.limits.given.cell_timeout &&
              options.limits.given.memory);
  EXPECT_FALSE(options.limits.given.output || options.limits.given.files);
  EXPECT_EQ(options.jobs, 3U);
  EXPECT_EQ(options.seed, 7U);
}

TEST(CommonOptions, VariablesMayBeRepeatedAndHoldEqualSigns) {
  CommonOptions options;
  EXPECT_EQ(parse(options, {"--set-variable", "A=1", "--set-variable", "B=x=y"}), "");
  EXPECT_THAT(options.variables, ElementsAre(Pair("A", "1"), Pair("B", "x=y")));
}

TEST(CommonOptions, WrongValuesNameTheOption) {
  CommonOptions options;
  EXPECT_THAT(parse(options, {"--budget", "soon"}), HasSubstr("--budget"));
  EXPECT_THAT(parse(options, {"--memory", "lots"}), HasSubstr("--memory"));
  EXPECT_THAT(parse(options, {"--set-variable", "=1"}), HasSubstr("--set-variable"));
  EXPECT_THAT(parse(options, {"--shell", "bash"}), HasSubstr("--shell"));
  EXPECT_NE(parse(options, {"--jobs", "0"}), "");
  EXPECT_NE(parse(options, {"--no-such-option"}), "");
}

}  // namespace
}  // namespace nbreplay::cli
