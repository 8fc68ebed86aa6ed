#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "unit/notebook/notebook_texts.h"

namespace nbreplay {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kVersion3 = R"nb({
 "metadata": {"name": "old", "signature": "sha256:00"},
 "nbformat": 3,
 "nbformat_minor": 0,
 "orig_nbformat": 2,
 "worksheets": [
  {"cells": [
   {"cell_type": "heading", "level": 3, "metadata": {}, "source": ["Two\n", "lines"]},
   {"cell_type": "code", "collapsed": false, "input": ["x = 1\n", "x"], "language": "python",
    "metadata": {"trusted": true}, "prompt_number": 5,
    "outputs": [
     {"output_type": "pyout", "prompt_number": 5, "metadata": {"png": {"width": 3}},
      "text": ["1\n", "2"], "html": "<b>1</b>", "png": "aWI=", "json": "{\"b\": 1, \"a\": NaN}"},
     {"output_type": "stream", "stream": "stderr", "text": "careful\nnow"},
     {"output_type": "display_data", "metadata": {}, "svg": ["<svg/>"]},
     {"output_type": "pyerr", "ename": "E", "evalue": "v", "traceback": ["t"]}]}
  ], "metadata": {}},
  {"cells": [{"cell_type": "markdown", "metadata": {}, "source": "second *sheet*"}]}
 ]
})nb";

TEST(UpgradeVersion3, BecomesVersion45InNbformatsLayout) {
  const Notebook nb = test::parsed(kVersion3);
  EXPECT_EQ(nb.read_version(), 3);
  EXPECT_EQ(nb.nbformat(), 4);
  EXPECT_EQ(nb.nbformat_minor(), 5);
  ASSERT_EQ(nb.cells().size(), 3U);
  const std::string expected = R"nb({
 "cells": [
  {
   "cell_type": "markdown",
   "id": ")nb" + *nb.cells()[0].id +
                               R"nb(",
   "metadata": {},
   "source": [
    "### Two lines"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 5,
   "id": ")nb" + *nb.cells()[1].id +
                               R"nb(",
   "metadata": {
    "collapsed": false
   },
   "outputs": [
    {
     "data": {
      "application/json": {
       "a": NaN,
       "b": 1
      },
      "image/png": "aWI=",
      "text/html": [
       "<b>1</b>"
      ],
      "text/plain": [
       "1\n",
       "2"
      ]
     },
     "execution_count": 5,
     "metadata": {
      "image/png": {
       "width": 3
      }
     },
     "output_type": "execute_result"
    },
    {
     "name": "stderr",
     "output_type": "stream",
     "text": [
      "careful\n",
      "now"
     ]
    },
    {
     "data": {
      "image/svg+xml": [
       "<svg/>"
      ]
     },
     "metadata": {},
     "output_type": "display_data"
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
    "x = 1\n",
    "x"
   ]
  },
  {
   "cell_type": "markdown",
   "id": ")nb" + *nb.cells()[2].id +
                               R"nb(",
   "metadata": {},
   "source": [
    "second *sheet*"
   ]
  }
 ],
 "metadata": {},
 "nbformat": 4,
 "nbformat_minor": 5
}
)nb";
  EXPECT_EQ(nb.to_json(), expected);
  EXPECT_EQ(nb.cells()[1].error()->ename, "E");
}

std::string version3(std::string_view cell, std::string_view metadata = "{}") {
  return R"({"nbformat": 3, "nbformat_minor": 0, "metadata": )" + std::string(metadata) +
         R"(, "worksheets": [{"cells": [)" + std::string(cell) + "]}]}";
}

TEST(UpgradeVersion3, FillsInWhatOldWritersLeftOut) {
  const Notebook nb = test::parsed(version3(R"({"cell_type": "code"}, {"cell_type": "html"},
      {"cell_type": "code", "input": "", "outputs": [{"output_type": "stream", "text": "x"},
       {"output_type": "pyout", "text": "y"}]})"));
  EXPECT_EQ(nb.cells()[0].source, "");
  EXPECT_EQ(nb.cells()[0].execution_count, std::nullopt);
  EXPECT_EQ(nb.cells()[1].type, CellType::kMarkdown);
  EXPECT_THAT(nb.to_json(), HasSubstr("\"name\": \"stdout\""));
  EXPECT_THAT(nb.to_json(), HasSubstr("\"execution_count\": null,\n     \"metadata\": {}"));
}

TEST(UpgradeVersion3, JoinsLinesThatLostTheirEnds) {
  const Notebook nb =
      test::parsed(version3(R"({"cell_type": "code", "input": ["a = 1", "b = 2"]})"));
  EXPECT_EQ(nb.cells()[0].source, "a = 1\nb = 2");
}

TEST(UpgradeVersion3, KeepsJsonDataThatIsNoJson) {
  const Notebook nb = test::parsed(
      version3(R"({"cell_type": "code", "outputs": [{"output_type": "pyout", "json": "{oops"}]})"));
  EXPECT_THAT(nb.to_json(), HasSubstr("\"application/json\": \"{oops\""));
}

TEST(UpgradeVersion3, RemembersAnotherLanguage) {
  EXPECT_EQ(test::parsed(version3(R"({"cell_type": "code", "language": "R"})")).language(), "R");
  EXPECT_EQ(test::parsed(version3("", R"({"language": "Julia"})")).language(), "Julia");
  EXPECT_EQ(test::parsed(version3(R"({"cell_type": "code", "language": "R"})",
                                  R"({"kernelspec": {"name": "python3"}})"))
                .language(),
            "python");
}

TEST(UpgradeVersion3, GivesIdsThatDifferAndAreTheSameEachTime) {
  const Notebook nb = test::parsed(kVersion3);
  EXPECT_NE(nb.cells()[0].id, nb.cells()[1].id);
  EXPECT_EQ(nb.to_json(), test::parsed(kVersion3).to_json());
  Notebook longer = nb;
  longer.insert_cell(0, CellType::kRaw, "x");
  for (std::size_t i = 1; i < longer.cells().size(); ++i)
    EXPECT_NE(longer.cells()[i].id, longer.cells()[0].id);
}

}  // namespace
}  // namespace nbreplay
