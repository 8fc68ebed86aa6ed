#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "unit/notebook/notebook_texts.h"

namespace nbreplay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// The lines of `after` that are not in `before`, to see that an edit touched nothing else.
std::vector<std::string> new_lines(std::string_view before, const std::string& after) {
  const auto lines = [](std::string_view text) {
    std::vector<std::string> result;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size() - 1);
      result.emplace_back(text.substr(0, end));
      text.remove_prefix(end + 1);
    }
    return result;
  };
  const auto old = lines(before);
  const std::multiset<std::string> known(old.begin(), old.end());
  std::vector<std::string> result;
  for (const std::string& line : lines(after))
    if (!known.contains(line)) result.push_back(line);
  return result;
}

TEST(SetExecution, ReplacesCountAndOutputsInNbformatsLayout) {
  Notebook nb = test::parsed(test::kWrittenByNbformat);
  const auto status = nb.set_execution(
      2, 3,
      {R"({"output_type":"stream","text":"a\nb","name":"stdout"})",
       R"({"output_type":"execute_result","metadata":{},"execution_count":3,)"
       R"("data":{"text/plain":"2.0\nx","application/json":{"k":"a\nb"},"image/png":"aWI="}})",
       R"({"traceback":["t"],"output_type":"error","evalue":"v","ename":"E"})"});
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(nb.cells()[2].execution_count, 3);
  ASSERT_NE(nb.cells()[2].error(), nullptr);
  EXPECT_EQ(nb.cells()[2].error()->ename, "E");
  const std::string expected = R"nb(   "execution_count": 3,
   "id": "mean",
   "metadata": {},
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "a\n",
      "b"
     ]
    },
    {
     "data": {
      "application/json": {
       "k": "a\nb"
      },
      "image/png": "aWI=",
      "text/plain": [
       "2.0\n",
       "x"
      ]
     },
     "execution_count": 3,
     "metadata": {},
     "output_type": "execute_result"
    },
    {
     "ename": "E",
     "evalue": "v",
     "output_type": "error",
     "traceback": [
      "t"
     ]
    }
   ],
   "source": [
    "total / len(rows)"
   ])nb";
  EXPECT_THAT(nb.to_json(), HasSubstr(expected));
}

TEST(SetExecution, LeavesEverythingElseAsItWas) {
  Notebook nb = test::parsed(test::kWrittenByNbformat);
  ASSERT_TRUE(nb.set_execution(1, 20, {}).has_value());
  EXPECT_THAT(new_lines(test::kWrittenByNbformat, nb.to_json()),
              ElementsAre("   \"execution_count\": 20,"));
  ASSERT_TRUE(nb.set_execution(1, std::nullopt, {}).has_value());
  EXPECT_THAT(nb.to_json(), HasSubstr("\"execution_count\": null,\n   \"id\": \"load\""));
}

TEST(SetExecution, RefusesOutputsThatAreNone) {
  Notebook nb = test::parsed(test::kWrittenByNbformat);
  for (const std::string output :
       {"", "{", "5", "{}", R"({"output_type": 3})", "{\"output_type\": \"\xff\"}",
        R"({"output_type": "error", "traceback": [1]})"}) {
    const auto status = nb.set_execution(1, 9, {output});
    ASSERT_FALSE(status.has_value()) << output;
    EXPECT_THAT(status.error().message, HasSubstr("cells[1]"));
  }
  EXPECT_EQ(nb.to_json(), test::kWrittenByNbformat) << "nothing changed";
  const std::string deep = std::string(496, '[') + std::string(496, ']');
  EXPECT_FALSE(nb.set_execution(1, 9, {"{\"output_type\": \"x\", \"d\": " + deep + "}"}))
      << "it could not be read again";
}

TEST(SetExecution, WritesDeepOutputsThatCanBeReadAgain) {
  Notebook nb = test::parsed(test::kWrittenByNbformat);
  const std::string deep = std::string(494, '[') + std::string(494, ']');
  ASSERT_TRUE(nb.set_execution(1, 9, {"{\"output_type\": \"x\", \"d\": " + deep + "}"}));
  EXPECT_TRUE(parse_notebook(nb.to_json(), "again").has_value());
}

TEST(SetSource, WritesLines) {
  Notebook nb = test::parsed(test::kWrittenByNbformat);
  nb.set_source(3, "x = 'é'\n\ty\x01");
  EXPECT_EQ(nb.cells()[3].source, "x = 'é'\n\ty\x01");
  EXPECT_THAT(new_lines(test::kWrittenByNbformat, nb.to_json()),
              ElementsAre("    \"x = 'é'\\n\",", "    \"\\ty\\u0001\""));
}

TEST(Metadata, GoesWhereSortedKeysWantIt) {
  Notebook nb = test::parsed(test::kWrittenByNbformat);
  ASSERT_TRUE(nb.set_notebook_metadata("la", R"({"b": 1, "a": []})").has_value());
  EXPECT_THAT(nb.to_json(), HasSubstr(R"(   "name": "python3"
  },
  "la": {
   "a": [],
   "b": 1
  },
  "language_info": {)"));
  ASSERT_TRUE(nb.set_notebook_metadata("la", "2").has_value());
  EXPECT_THAT(nb.to_json(), HasSubstr("  \"la\": 2,\n"));
  EXPECT_EQ(nb.notebook_metadata("la"), "2");
  ASSERT_TRUE(nb.set_notebook_metadata("z", " true ").has_value());
  EXPECT_THAT(nb.to_json(), HasSubstr("  },\n  \"z\": true\n },\n \"nbformat\": 4"));
}

TEST(Metadata, OfCellsIsAddedReplacedAndRead) {
  Notebook nb = test::parsed(test::kWrittenByNbformat);
  ASSERT_TRUE(nb.set_cell_metadata(2, "why", "\"x\"").has_value());
  EXPECT_EQ(nb.cell_metadata(2, "why"), "\"x\"");
  EXPECT_THAT(nb.to_json(), HasSubstr("   \"metadata\": {\n    \"why\": \"x\"\n   },\n"));
  EXPECT_FALSE(nb.set_cell_metadata(2, "why", "{").has_value());
  EXPECT_FALSE(nb.set_cell_metadata(2, "tags", "5").has_value()) << "would be invalid";
  EXPECT_FALSE(nb.set_notebook_metadata("why", "").has_value());
}

TEST(Metadata, IsMadeWhereItWasMissing) {
  Notebook nb = test::parsed(R"({"nbformat": 4, "cells": [{"cell_type": "raw", "source": ""}]})");
  nb.add_tag(0, "t");
  ASSERT_TRUE(nb.set_notebook_metadata("k", "1").has_value());
  EXPECT_EQ(nb.to_json(),
            R"({"nbformat": 4, "cells": [{"cell_type": "raw", "metadata": {"tags": ["t"]}, )"
            R"("source": ""}], "metadata": {"k": 1}})");
}

TEST(Tags, AreAddedOnce) {
  Notebook nb = test::parsed(test::kWrittenByNbformat);
  nb.add_tag(1, "raises-exception");
  nb.add_tag(1, "raises-exception");
  EXPECT_THAT(nb.cells()[1].tags, ElementsAre("parameters", "raises-exception"));
  EXPECT_THAT(nb.to_json(), HasSubstr("     \"parameters\",\n     \"raises-exception\"\n    ]"));
}

TEST(Cells, AreInsertedWithIdsFromVersion45On) {
  Notebook nb = test::parsed(test::kWrittenByNbformat);
  nb.insert_cell(0, CellType::kMarkdown, "# Why\nBecause.");
  nb.insert_cell(5, CellType::kCode, "");
  ASSERT_EQ(nb.cells().size(), 6U);
  ASSERT_TRUE(nb.cells()[0].id.has_value());
  EXPECT_NE(nb.cells()[0].id, nb.cells()[5].id);
  EXPECT_THAT(nb.code_cells(), ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(nb.to_json(), HasSubstr("{\n \"cells\": [\n  {\n   \"cell_type\": \"markdown\",\n"
                                      "   \"id\": \"" +
                                      *nb.cells()[0].id +
                                      "\",\n"
                                      "   \"metadata\": {},\n   \"source\": [\n"
                                      "    \"# Why\\n\",\n    \"Because.\"\n   ]\n  },\n"));

  Notebook old =
      test::parsed(R"({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})");
  old.insert_cell(0, CellType::kCode, "1");
  EXPECT_EQ(old.cells()[0].id, std::nullopt);
  EXPECT_EQ(
      old.to_json(),
      R"({"cells": [{"cell_type": "code", "execution_count": null, "metadata": {}, )"
      R"("outputs": [], "source": ["1"]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})");
}

TEST(Cells, AreRemoved) {
  Notebook nb = test::parsed(test::kWrittenByNbformat);
  nb.remove_cell(1);
  EXPECT_THAT(nb.code_cells(), ElementsAre(1, 2));
  EXPECT_THAT(nb.to_json(), Not(HasSubstr("\"load\"")));
  EXPECT_THAT(new_lines(test::kWrittenByNbformat, nb.to_json()), ElementsAre());
  while (!nb.cells().empty()) nb.remove_cell(0);
  EXPECT_THAT(nb.to_json(), HasSubstr("{\n \"cells\": [],\n \"metadata\""));
}

TEST(KeepCells, OmitsRepeatsAndPermutesWithFreshIds) {
  const Notebook nb = test::parsed(test::kWrittenByNbformat);
  const Notebook small = nb.keep_cells({2, 1, 2, 2});
  ASSERT_EQ(small.cells().size(), 4U);
  EXPECT_EQ(small.cells()[0].id, "mean");
  EXPECT_EQ(small.cells()[1].id, "load");
  EXPECT_EQ(small.cells()[2].source, "total / len(rows)");
  std::set<std::string> ids;
  for (const Cell& cell : small.cells()) ids.insert(*cell.id);
  EXPECT_EQ(ids.size(), 4U);
  EXPECT_THAT(small.code_cells(), ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(nb.to_json(), test::kWrittenByNbformat) << "the original stays";
  EXPECT_EQ(small.to_json(), nb.keep_cells({2, 1, 2, 2}).to_json()) << "the same bytes again";
  const Notebook again = test::parsed(small.to_json());
  EXPECT_EQ(again.cells().size(), 4U);
}

TEST(KeepCells, AddsNoIdsWhereThereWereNone) {
  const Notebook nb = test::parsed(
      R"({"cells": [{"cell_type": "raw", "metadata": {}, "source": "x"}], "metadata": {}, )"
      R"("nbformat": 4, "nbformat_minor": 4})");
  EXPECT_THAT(nb.keep_cells({0, 0}).to_json(), Not(HasSubstr("\"id\"")));
}

TEST(Notebook, CopiesAreIndependent) {
  const Notebook original = test::parsed(test::kWrittenByNbformat);
  Notebook copy = original;
  copy.set_source(1, "other");
  copy.remove_cell(0);
  EXPECT_EQ(original.to_json(), test::kWrittenByNbformat);
  EXPECT_EQ(original.cells()[1].id, "load");
}

TEST(Notebook, OutlivesWhatItWasCopiedFrom) {
  std::optional<Notebook> original = test::parsed(test::kWrittenByNbformat);
  Notebook kept = original->keep_cells({1});
  original.reset();
  kept.add_tag(0, "x");
  EXPECT_THAT(kept.to_json(), HasSubstr("print(len(rows), 'rows')"));
}

}  // namespace
}  // namespace nbreplay
