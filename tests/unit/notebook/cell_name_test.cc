#include "nbreplay/notebook/cell_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/notebook/notebook_texts.h"

namespace nbreplay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Code cells at the indices 0, 2, 3 and 4.
Notebook four_code_cells() {
  return test::parsed(test::compact(test::code("\"a\"", "first", "22") +
                                    R"(, {"cell_type": "raw", "id": "note", "metadata": {}, )" +
                                    R"("source": ""}, )" + test::code("\"b\"", "a-1", "3") + "," +
                                    test::code("\"c\"", "twin", "7") + "," +
                                    test::code("\"d\"", "twin", "7")));
}

TEST(CellName, TakesOrdinalIdAndRecordedCount) {
  const Notebook nb = four_code_cells();
  EXPECT_EQ(parse_cell_name(nb, "1").value(), 0U);
  EXPECT_EQ(parse_cell_name(nb, " 2 ").value(), 2U);
  EXPECT_EQ(parse_cell_name(nb, "id:a-1").value(), 2U);
  EXPECT_EQ(parse_cell_name(nb, "In[22]").value(), 0U);
  EXPECT_EQ(parse_cell_name(nb, "In[ 3 ]").value(), 2U);
}

TEST(CellName, SaysWhyANameDoesNotDo) {
  const Notebook nb = four_code_cells();
  const auto says = [&](std::string_view name) {
    const auto result = parse_cell_name(nb, name);
    if (result) return std::string("accepted");
    EXPECT_EQ(result.error().code, ErrorCode::kUsage);
    return result.error().message + " / " + result.error().hint;
  };
  EXPECT_THAT(says("0"), HasSubstr("there is no cell `0` / its code cells are numbered 1 to 4"));
  EXPECT_THAT(says("5"), HasSubstr("there is no cell `5`"));
  EXPECT_THAT(says("99999999999999999999999"), HasSubstr("there is no cell"));
  EXPECT_THAT(says("id:nope"), HasSubstr("there is no cell `id:nope`"));
  EXPECT_THAT(says("id:note"), HasSubstr("is no code cell"));
  EXPECT_THAT(says("id:twin"), HasSubstr("several cells have the id"));
  EXPECT_THAT(says("In[7]"), HasSubstr("name one by its place: cell 3 or cell 4"));
  EXPECT_THAT(says("In[4]"), HasSubstr("no code cell was saved with this execution count"));
  for (const char* nonsense : {"", "x", "-1", "1.5", "In[]", "In[x]", "In", "\x1b[31m"})
    EXPECT_THAT(says(nonsense), HasSubstr("names no cell")) << nonsense;
  EXPECT_THAT(says("\x1b[31m"), HasSubstr("\\x1b[31m")) << "never raw on a terminal";
}

TEST(Order, TakesListsRepeatsAndRanges) {
  const Notebook nb = four_code_cells();
  EXPECT_THAT(parse_order(nb, "1,3,2,3").value(), ElementsAre(0, 3, 2, 3));
  EXPECT_THAT(parse_order(nb, "2-4, 1").value(), ElementsAre(2, 3, 4, 0));
  EXPECT_THAT(parse_order(nb, "3-1").value(), ElementsAre(3, 2, 0));
  EXPECT_THAT(parse_order(nb, "2-2").value(), ElementsAre(2));
  EXPECT_THAT(parse_order(nb, "id:a-1,In[22]").value(), ElementsAre(2, 0));
}

TEST(Order, RefusesEmptyPlacesAndRangesOutside) {
  const Notebook nb = four_code_cells();
  for (const char* order : {"", "1,", ",1", "1,,2", "0-2", "1-9", "1-x", "1-", "2--3"})
    EXPECT_FALSE(parse_order(nb, order).has_value()) << order;
}

}  // namespace
}  // namespace nbreplay
