#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nbreplay/base/hash.h"
#include "nbreplay/notebook/notebook.h"

#include "support/temporary_folder.h"
#include "unit/notebook/notebook_texts.h"

namespace nbreplay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(NotebookReader, DecodesCellsAndFacts) {
  const Notebook nb = test::parsed(test::kWrittenByNbformat);
  EXPECT_EQ(nb.path(), "demo.ipynb");
  EXPECT_EQ(nb.sha256(), sha256_hex(test::kWrittenByNbformat));
  EXPECT_EQ(nb.nbformat(), 4);
  EXPECT_EQ(nb.nbformat_minor(), 5);
  EXPECT_EQ(nb.language(), "python");
  EXPECT_EQ(nb.language_version(), "3.11.2");
  EXPECT_EQ(nb.kernel_name(), "python3");
  ASSERT_EQ(nb.cells().size(), 4U);
  EXPECT_EQ(nb.cells()[0].type, CellType::kMarkdown);
  EXPECT_EQ(nb.cells()[0].source, "# Umsätze 📈\n\nErst laden, dann rechnen.");
  EXPECT_EQ(nb.cells()[1].type, CellType::kCode);
  EXPECT_EQ(nb.cells()[1].id, "load");
  EXPECT_EQ(nb.cells()[1].execution_count, 2);
  EXPECT_TRUE(nb.cells()[1].has_tag("parameters"));
  EXPECT_EQ(nb.cells()[1].error(), nullptr);
  EXPECT_EQ(nb.cells()[3].execution_count, std::nullopt);
  EXPECT_EQ(nb.cells()[3].source, "");
}

TEST(NotebookReader, KeepsRecordedErrorsWithTheirAnsiCodes) {
  const Notebook nb = test::parsed(test::kWrittenByNbformat);
  const RecordedError* error = nb.cells()[2].error();
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->ename, "NameError");
  EXPECT_EQ(error->evalue, "name 'total' is not defined");
  EXPECT_THAT(error->traceback,
              ElementsAre("\x1b[0;31mNameError\x1b[0m: name 'total' is not defined"));
}

TEST(NotebookReader, KeepsEveryErrorAndCallsTheLastTheCellsOwn) {
  const Notebook nb = test::parsed(test::compact(
      R"({"cell_type": "code", "metadata": {}, "source": "", "outputs": [
          {"output_type": "error", "ename": "A", "evalue": "", "traceback": []},
          {"output_type": "stream", "name": "stdout", "text": "between"},
          {"output_type": "error", "ename": "B", "evalue": null}]})"));
  ASSERT_EQ(nb.cells()[0].errors.size(), 2U);
  EXPECT_EQ(nb.cells()[0].errors[0].ename, "A");
  EXPECT_EQ(nb.cells()[0].error()->ename, "B");
  EXPECT_EQ(nb.cells()[0].error()->evalue, "");
}

TEST(NotebookReader, CountsOrdinalsOverCodeCellsOnly) {
  const Notebook nb = test::parsed(test::kWrittenByNbformat);
  EXPECT_THAT(nb.code_cells(), ElementsAre(1, 2, 3));
  EXPECT_EQ(nb.ordinal_of(1), 1U);
  EXPECT_EQ(nb.ordinal_of(3), 3U);
  EXPECT_EQ(nb.ordinal_of(0), std::nullopt);
  EXPECT_EQ(nb.ordinal_of(99), std::nullopt);
  EXPECT_EQ(nb.index_of_ordinal(2), 2U);
  EXPECT_EQ(nb.index_of_ordinal(0), std::nullopt);
  EXPECT_EQ(nb.index_of_ordinal(4), std::nullopt);
}

TEST(NotebookReader, ShowsOutputsAndMetadataAsTheirText) {
  const Notebook nb = test::parsed(test::compact(
      R"({"cell_type": "code", "metadata": {"x": [1, 2.50]}, "source": "",
          "outputs": [{"output_type": "stream", "text": "a"}, {"output_type": "clear"}]})",
      R"({"author": null})"));
  EXPECT_THAT(nb.outputs(0), ElementsAre(R"({"output_type": "stream", "text": "a"})",
                                         R"({"output_type": "clear"})"));
  EXPECT_EQ(nb.cell_metadata(0, "x"), "[1, 2.50]");
  EXPECT_EQ(nb.cell_metadata(0, "y"), std::nullopt);
  EXPECT_EQ(nb.notebook_metadata("author"), "null");
}

TEST(NotebookReader, TakesSourceAsStringOrLines) {
  const Notebook nb = test::parsed(test::compact(test::code(R"("a = 1\nb = 2")", "a", "1") + "," +
                                                 test::code(R"(["a = 1\n", "b = 2"])", "b", "2")));
  EXPECT_EQ(nb.cells()[0].source, "a = 1\nb = 2");
  EXPECT_EQ(nb.cells()[1].source, nb.cells()[0].source);
}

TEST(NotebookReader, DecodesEscapesPairsAndLoneSurrogates) {
  const Notebook nb = test::parsed(
      test::compact(test::code(R"("\u00e9 \ud83d\ude00 \/ \b \ud800 \udc00\ud83d")", "a", "1")));
  EXPECT_EQ(nb.cells()[0].source, "\u00e9 \U0001f600 / \b \xed\xa0\x80 \xed\xb0\x80\xed\xa0\xbd");
}

TEST(NotebookReader, JoinsPairsThatLinesTearApart) {
  const Notebook nb =
      test::parsed(test::compact(test::code(R"(["a\ud83d", "\ude00b"])", "a", "1")));
  EXPECT_EQ(nb.cells()[0].source, "a\U0001f600b");
}

TEST(NotebookReader, TakesTheLastOfDuplicateKeysAsPythonDoes) {
  const Notebook nb =
      test::parsed(test::compact(R"({"cell_type": "raw", "cell_type": "code", "source": "old",
                        "sour\u0063e": "new", "metadata": {}})"));
  EXPECT_EQ(nb.cells()[0].type, CellType::kCode);
  EXPECT_EQ(nb.cells()[0].source, "new");
}

TEST(NotebookReader, ToleratesWhatIsHarmless) {
  EXPECT_EQ(test::parsed("\xef\xbb\xbf" + test::compact("")).to_json(), test::compact(""))
      << "a byte order mark";
  EXPECT_EQ(test::parsed(R"({"nbformat": 4, "cells": []})").nbformat_minor(), 0);
  EXPECT_EQ(test::parsed(R"({"nbformat": 4, "nbformat_minor": 9, "cells": []})").nbformat_minor(),
            9);
  EXPECT_EQ(
      test::parsed(test::compact("", R"({"language_info": {"version": 3}})")).language_version(),
      "3");
  const Notebook nb = test::parsed(test::compact(
      R"({"cell_type": "code", "source": []}, {"cell_type": "sql", "query": "select 1"})"));
  EXPECT_EQ(nb.cells()[1].type, CellType::kOther);
  EXPECT_THAT(nb.code_cells(), ElementsAre(0));
}

TEST(NotebookReader, FindsTheLanguageWhereverItIsSaid) {
  const auto language = [](std::string_view metadata) {
    return test::parsed(test::compact("", metadata)).language();
  };
  EXPECT_EQ(language("{}"), "");
  EXPECT_EQ(language(R"({"kernelspec": {"name": "ir"}})"), "R");
  EXPECT_EQ(language(R"({"kernelspec": {"name": "julia-1.9"}})"), "julia");
  EXPECT_EQ(language(R"({"kernelspec": {"name": "python3"}, "language_info": null})"), "python");
  EXPECT_EQ(language(R"({"kernelspec": {"name": "x", "language": "scala"}})"), "scala");
  EXPECT_EQ(language(R"({"kernelspec": {"name": "x", "language": "scala"},
                         "language_info": {"name": "python"}})"),
            "python");
}

TEST(NotebookReader, TakesThePythonFromTheKernelWhereNothingElseTellsIt) {
  const auto version = [](std::string_view name, std::string_view display,
                          std::string_view more = "") {
    return test::parsed(test::compact("", fmt::format(R"({{"kernelspec": {{"name": "{}",
                                          "display_name": "{}"}}{}}})",
                                                      name, display, more)))
        .language_version();
  };
  EXPECT_EQ(version("python3.8", "Python"), "3.8");
  EXPECT_EQ(version("python3", "Python 3.10 (ipykernel)"), "3.10");
  EXPECT_EQ(version("python3", "Python 3.7.4 64-bit ('base': conda)"), "3.7");
  EXPECT_EQ(version("conda-env-python-3.9-py", "work"), "3.9");
  EXPECT_EQ(version("python3", "Python 3.8", R"(, "language_info": {"version": "3.11.2"})"),
            "3.11.2");
  for (const char* unsaid :
       {"Python 3", "py38", "Python 38", "IPython 3.2", "cpython3.8", "Python 3.8rc",
        "Python 3.123", "Python 2.7", "python3.8, Python 3.9", "3.8", ""})
    EXPECT_EQ(version("x", unsaid), "") << unsaid;
  EXPECT_EQ(version("x", "Python 3.8", R"(, "language_info": {"name": "R"})"), "");
  EXPECT_EQ(version("x", "Python 3.8" + std::string(1000, ' ')), "");
  EXPECT_EQ(test::parsed(test::compact("", R"({"kernelspec": {"name": "python3",
                                               "display_name": 3.8}})"))
                .language_version(),
            "")
      << "no string, and no reason to refuse the notebook";
}

TEST(NotebookReader, ReadsFilesAndNamesThoseItCannot) {
  const test::TemporaryFolder folder;
  const Path path = folder.path() / "a.ipynb";
  ASSERT_TRUE(write_file(path, test::kWrittenByNbformat).has_value());
  const auto nb = read_notebook(path);
  ASSERT_TRUE(nb.has_value());
  EXPECT_EQ(nb->path(), path);
  const auto missing = read_notebook(folder.path() / "b.ipynb");
  ASSERT_FALSE(missing.has_value());
  EXPECT_THAT(missing.error().message, HasSubstr("b.ipynb"));
  EXPECT_FALSE(missing.error().cause.empty());
  EXPECT_FALSE(missing.error().hint.empty());
}

TEST(CheckRunnable, AcceptsPythonWithCode) {
  EXPECT_TRUE(check_runnable(test::parsed(test::kWrittenByNbformat)).has_value());
  EXPECT_TRUE(
      check_runnable(test::parsed(test::compact(test::code("\"1\"", "a", "null")))).has_value())
      << "no language said";
}

TEST(CheckRunnable, RefusesOtherLanguagesSayingWhich) {
  const auto status = check_runnable(test::parsed(
      test::compact(test::code("\"1\"", "a", "1"), R"({"kernelspec": {"name": "ir"}})")));
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::kBadInput);
  EXPECT_THAT(status.error().message, HasSubstr("demo.ipynb: is written in R"));
  EXPECT_FALSE(status.error().hint.empty());
}

TEST(CheckRunnable, RefusesNotebooksWithoutCode) {
  const auto prose = check_runnable(
      test::parsed(test::compact(R"({"cell_type": "markdown", "metadata": {}, "source": "x"})")));
  ASSERT_FALSE(prose.has_value());
  EXPECT_THAT(prose.error().message, HasSubstr("no code to run"));
  EXPECT_THAT(prose.error().cause, HasSubstr("none of its 1 cells"));
  const auto blank = check_runnable(test::parsed(test::compact(test::code("\" \\n\"", "a", "1"))));
  ASSERT_FALSE(blank.has_value());
  EXPECT_THAT(blank.error().cause, HasSubstr("empty"));
}

TEST(Tags, SayWhatExecutorsHonour) {
  const Notebook nb =
      test::parsed(test::compact(test::code("\"\"", "a", "1", R"(["raises-exception"])") + "," +
                                 test::code("\"\"", "b", "1", R"(["x", "skip-execution"])")));
  EXPECT_TRUE(nb.cells()[0].may_raise());
  EXPECT_FALSE(nb.cells()[0].is_skipped());
  EXPECT_TRUE(nb.cells()[1].is_skipped());
  EXPECT_FALSE(nb.cells()[1].may_raise());
}

}  // namespace
}  // namespace nbreplay
