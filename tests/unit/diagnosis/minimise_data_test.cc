// What is left of data, and how the minimal notebook reads it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crash/text.h"
#include "unit/diagnosis/reducing_data.h"

namespace nbreplay::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(MinimiseData, LeavesTheOneRowAndTheOneColumnThatCrash) {
  ReducingData reducing;
  reducing.write("data.csv", orders(5000, 3210));
  reducing.crashes = no_number_in("price");
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  ASSERT_TRUE(minimal.data);
  ASSERT_EQ(minimal.data->inputs.size(), 1U);
  const InputReduction& input = minimal.data->inputs.front();
  EXPECT_EQ(input.not_reduced, "");
  EXPECT_EQ(input.content, "price\n\"1,5O\"\n");
  EXPECT_EQ(input.before.rows, 5000U);
  EXPECT_EQ(input.before.columns, 5U);
  EXPECT_EQ(input.before.bytes, orders(5000, 3210).size());
  EXPECT_EQ(input.after.rows, 1U);
  EXPECT_EQ(input.after.columns, 1U);
  EXPECT_THAT(input.rows, ElementsAre(Pair(3211, 3211))) << "counted from 1";
  EXPECT_THAT(input.changed, IsEmpty());
  EXPECT_EQ(input.guarantee, Guarantee::kOneMinimal);
  EXPECT_EQ(input.why_partial, "");
  EXPECT_EQ(input.message, std::nullopt);
  EXPECT_EQ(input.certified.branched, 2U) << "the row, and the first line";
  EXPECT_LE(input.queries, 34U);
  EXPECT_EQ(minimal.confirmations, 3U);
  EXPECT_EQ(minimal.confirmed_at_s, 3U);
}

TEST(MinimiseData, TheMinimalNotebookReadsTheReducedFileWhileTheOriginalIsEmpty) {
  ReducingData reducing;
  reducing.write("data.csv", orders(20, 3));
  reducing.crashes = no_number_in("price");
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  EXPECT_THAT(minimal.data->sources,
              ElementsAre("df = read_csv(\"nb.min-data/data.csv\")", "df.price.astype"));
  EXPECT_FALSE(minimal.data->inputs.front().in_place);
  EXPECT_EQ(minimal.data->inputs.front().file, "nb.min-data/data.csv");
  const Trial& last = reducing.trials.back();
  ASSERT_EQ(last.extra_files.size(), 2U);
  EXPECT_EQ(last.extra_files[0].path, "data.csv");
  EXPECT_EQ(last.extra_files[0].content, "");
  EXPECT_EQ(last.extra_files[1].path, "nb.min-data/data.csv");
}

TEST(MinimiseData, ReadsInPlaceWhereNoLiteralNamesTheFile) {
  ReducingData reducing;
  reducing.write("data.csv", orders(20, 3));
  reducing.crashes = no_number_in("price");
  // The path of the second statement is what crashes; its literal is said nowhere else.
  reducing.strange = [](const Trial& trial) {
    return trial.executions.front().source.find("min-data") != std::string::npos;
  };
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  EXPECT_THAT(minimal.data->sources, IsEmpty());
  EXPECT_TRUE(minimal.data->inputs.front().in_place);
  EXPECT_EQ(minimal.data->inputs.front().file, "nb.min-data/data.csv");
  EXPECT_EQ(minimal.data->inputs.front().after.rows, 1U);
  EXPECT_EQ(minimal.confirmed_at_a, 3U);
  EXPECT_EQ(reducing.trials.back().extra_files.front().content, "price\n\"1,5O\"\n");
}

TEST(MinimiseData, AStatementThatCrashesWhileItReadsIsTheSameButForThePath) {
  ReducingData reducing;
  reducing.write("data.csv", orders(20, 3));
  reducing.crashes = no_number_in("price");
  const MinimalSequence minimal =
      reducing.reduce({{"x = 1"}, {"read_csv(\"data.csv\").price.astype"}});
  EXPECT_THAT(reducing.observed.statement.value_or(""), HasSubstr("\"data.csv\""));
  EXPECT_FALSE(minimal.data->inputs.front().in_place);
  EXPECT_EQ(minimal.data->inputs.front().file, "nb.min-data/data.csv");
  EXPECT_EQ(minimal.confirmed_at_a, 3U);
}

TEST(MinimiseData, ValuesAreMadeSimplerWhereTheMessageStays) {
  ReducingData reducing;
  reducing.write("data.csv", "id,price\n17,long text\n");
  reducing.crashes = [](const std::string& text) -> std::optional<std::string> {
    const CsvTable table(text);
    if (table.records() < 2 || table.columns_of({0, 1}) < 2) return std::nullopt;
    return "at most " + std::to_string(table.fields(1).size()) + " fields";
  };
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  EXPECT_EQ(minimal.data->inputs.front().content, "id,price\n0,\n");
  const InputReduction& input = minimal.data->inputs.front();
  EXPECT_EQ(input.values, 2U);
  ASSERT_EQ(input.changed.size(), 2U);
  EXPECT_EQ(input.changed[1].row, 1U);
  EXPECT_EQ(input.changed[1].column, 2U);
  EXPECT_EQ(input.changed[1].name, "price");
  EXPECT_EQ(input.changed[1].before, "long text");
  EXPECT_EQ(input.changed[1].after, "");
}

TEST(MinimiseData, OneRowIsLeftWhereTheMessageJoinsThemAll) {
  ReducingData reducing;
  std::string text = "price,town\n";
  for (int i = 0; i < 200; ++i) text += i == 150 ? "1O.5,Oslo\n" : fmt::format("{}.5,Oslo\n", i);
  reducing.write("data.csv", text);
  reducing.crashes = [](const std::string& now) -> std::optional<std::string> {
    const CsvTable table(now);
    if (now.find("1O.5") == std::string::npos || now.find("price") == std::string::npos)
      return std::nullopt;
    std::string joined;
    for (std::size_t i = 1; i < table.records(); ++i) joined += table.fields(i).front();
    return "Could not convert string '" + joined + "' to numeric";
  };
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  const InputReduction& input = minimal.data->inputs.front();
  EXPECT_EQ(input.content, "price\n1O.5\n");
  EXPECT_THAT(input.rows, ElementsAre(Pair(151, 151)));
  EXPECT_EQ(input.guarantee, Guarantee::kOneMinimal);
  EXPECT_EQ(input.message, "Could not convert string '1O.5' to numeric");
  EXPECT_EQ(minimal.confirmed_at_s, 3U) << "the same message as with the reduced file";
  EXPECT_LE(input.queries, 30U);
}

TEST(MinimiseData, AnotherNameInTheMessageIsAnotherCrash) {
  ReducingData reducing;
  reducing.write("data.csv", "town,price\nOslo,1\nBergen,2\nBodø,3\n");
  // Without its column the lookup fails at the same place, for another reason.
  reducing.crashes = [](const std::string& now) -> std::optional<std::string> {
    if (now.find("price") == std::string::npos) return "no column 'price'";
    return now.find("Bergen") == std::string::npos ? std::nullopt
                                                   : std::optional("no column 'Bergen'");
  };
  const MinimalSequence minimal = reducing.reduce({{"df = read_csv(\"data.csv\")"}, {"df.price"}});
  EXPECT_THAT(minimal.data->inputs.front().not_reduced, IsEmpty());
  EXPECT_THAT(minimal.data->inputs.front().content, HasSubstr("price"));
  EXPECT_THAT(minimal.data->inputs.front().content, HasSubstr("Bergen"));
  EXPECT_EQ(minimal.data->inputs.front().after.rows, 1U);
}

TEST(MinimiseData, TheSecondFileIsComparedWithWhatTheFirstLeft) {
  ReducingData reducing;
  const std::string units = "n\n1\n2\n3\n";
  reducing.write("units.csv", units);
  reducing.write("data.csv", "n\nx\ny\n");
  // Both files are in the message, whole.
  reducing.crashes_of = [&](const std::string& now,
                            const Trial& trial) -> std::optional<std::string> {
    std::string other = units;
    const std::string read = path_in(trial.executions.front().source, "load");
    for (const ExtraFile& file : trial.extra_files)
      if (file.path == read) other = file.content;
    if (now.find('y') == std::string::npos || other.find('2') == std::string::npos)
      return std::nullopt;
    return fmt::format("cannot add '{}' and '{}'", folded(other), folded(now));
  };
  const MinimalSequence minimal = reducing.reduce(
      {{"units = load(\"units.csv\")"}, {"df = read_csv(\"data.csv\")"}, {"units + df"}});
  ASSERT_EQ(minimal.data->inputs.size(), 2U);
  for (const InputReduction& input : minimal.data->inputs) {
    EXPECT_THAT(input.not_reduced, IsEmpty()) << input.path;
    EXPECT_LE(input.after.bytes, 4U) << input.path;
  }
  EXPECT_EQ(minimal.data->inputs[0].message, "cannot add '2' and 'y'");
  EXPECT_EQ(minimal.confirmed_at_s, 3U);
}

TEST(MinimiseData, TypesAreSaidWhereThatSparesHalfOfTheRows) {
  // The crash comes with any row, of a column of text: by a row that says so, or by its type.
  ReducingData reducing;
  std::string text = "zip,n\n";
  for (int i = 0; i < 300; ++i) text += i == 200 ? "A12,200\n" : fmt::format("{},{}\n", 100 + i, i);
  reducing.write("data.csv", text);
  reducing.crashes_of = [](const std::string& now,
                           const Trial& trial) -> std::optional<std::string> {
    const CsvTable table(now);
    const bool pinned =
        trial.executions.front().source.find("\"zip\": \"object\"") != std::string::npos;
    const bool has_text = now.find("A12") != std::string::npos || pinned;
    if (!has_text || now.find("zip") == std::string::npos || now.find("103") == std::string::npos)
      return std::nullopt;
    return "can only concatenate str";
  };
  reducing.printed = R"({"text": "nbreplay-types:7a6970=object,6e=int64:end\n"})";
  const MinimalSequence minimal =
      reducing.reduce({{"df = read_csv(\"data.csv\")"}, {"df.zip + 1"}});
  const InputReduction& input = minimal.data->inputs.front();
  EXPECT_EQ(input.content, "zip\n103\n");
  EXPECT_THAT(input.pinned, ElementsAre("zip"));
  EXPECT_EQ(minimal.data->sources.front(),
            "df = read_csv(\"nb.min-data/data.csv\", dtype={\"zip\": \"object\"})");
  EXPECT_EQ(input.guarantee, Guarantee::kOneMinimal);
  EXPECT_EQ(minimal.confirmed_at_a, 3U);
}

TEST(MinimiseData, LinesOfDifferentWidthsLoseRowsOnly) {
  ReducingData reducing;
  std::string text = "a,b\n";
  for (int i = 0; i < 500; ++i) text += i == 77 ? "1,2,3\n" : "1,2\n";
  reducing.write("data.csv", text);
  reducing.crashes = [](const std::string& now) -> std::optional<std::string> {
    if (now.find("1,2,3") == std::string::npos || now.find("a,b") == std::string::npos)
      return std::nullopt;
    return "Expected 2 fields, saw 3";
  };
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  const InputReduction& input = minimal.data->inputs.front();
  EXPECT_EQ(input.content, "a,b\n1,2,3\n");
  EXPECT_EQ(input.after.columns, 0U);
  EXPECT_EQ(input.guarantee, Guarantee::kOneMinimal);
}

TEST(MinimiseData, WhatTheSourceDoesNotSayIsSeenInARun) {
  ReducingData reducing;
  reducing.write("data.csv", orders(50, 3));
  reducing.crashes = no_number_in("price");
  reducing.reads = "data.csv";
  reducing.printed_by[2] =
      "{\"text\": \"nbreplay-read:646174612e637376:end\\nnbreplay-read:"
      "2e2e2f782e637376:end\\nnbreplay-read:zz:end\"}";
  const MinimalSequence minimal =
      reducing.reduce({{"x = 1"}, {"df = read_csv(folder / name)"}, {"df.price.astype"}});
  ASSERT_EQ(minimal.data->inputs.size(), 1U);
  const InputReduction& input = minimal.data->inputs.front();
  EXPECT_EQ(input.path, "data.csv");
  EXPECT_EQ(input.position, 1U);
  EXPECT_EQ(input.content, "price\n\"1,5O\"\n");
  EXPECT_TRUE(input.in_place) << "there is no literal to change";
}

TEST(MinimiseData, TheFileIsPutInPlaceBeforeTheFirstExecutionThatReadsIt) {
  ReducingData reducing;
  reducing.write("data.csv", orders(20, 3));
  reducing.crashes = no_number_in("price");
  const MinimalSequence minimal =
      reducing.reduce({{"x = 1"}, {"df = read_csv(\"data.csv\")"}, {"df.price.astype"}}, false);
  EXPECT_EQ(minimal.data->inputs.front().position, 1U);
  EXPECT_EQ(reducing.trials[1].extra_files.front().before, 1U);
}

TEST(MinimiseData, EachOfTwoFilesIsReducedWithTheOtherOneInPlace) {
  ReducingData reducing;
  reducing.jobs = 2;
  reducing.write("a/data.csv", orders(20, 3));
  reducing.write("b/data.csv", orders(30, 4));
  reducing.crashes = no_number_in("price");
  const MinimalSequence minimal = reducing.reduce(
      {{"a = read_csv(\"b/data.csv\")"}, {"df = read_csv(\"a/data.csv\")"}, {"df.price.astype"}});
  ASSERT_EQ(minimal.data->inputs.size(), 2U);
  EXPECT_EQ(minimal.data->inputs[0].path, "b/data.csv");
  EXPECT_THAT(minimal.data->inputs[0].not_reduced, HasSubstr("does not depend"));
  EXPECT_EQ(minimal.data->inputs[1].after.rows, 1U);
  EXPECT_EQ(minimal.data->inputs[1].file, "nb.min-data/data.csv");
}

}  // namespace
}  // namespace nbreplay::test
