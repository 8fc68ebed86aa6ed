#include "diagnosis/csv_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nbreplay::test {
namespace {

using ::testing::ElementsAre;

TablePart part_of(const CsvTable& table, reduce::Subset records,
                  std::optional<reduce::Subset> columns = {}) {
  TablePart part = table.whole();
  part.records = std::move(records);
  part.columns = std::move(columns);
  return part;
}

TEST(CsvTable, TheWholeOfItIsTheTextByteForByte) {
  for (const std::string& text :
       {std::string(), std::string("a"), std::string("a,b\n1,2"), std::string("a,b\r\n1,2\r\n"),
        std::string("\xef\xbb\xbf"
                    "a;b\n\n\"x\ny\";2\n"),
        std::string("a\tb\r1\t2\r"), std::string("a,b\n\"never closed,1\n2,3\n"),
        std::string("\n\n"), std::string("\xff,\xfe\n"), std::string("a,\"b\"\"c\",d\n,,\n")}) {
    const CsvTable table(text);
    EXPECT_EQ(table.render(table.whole()), text);
    TablePart all = table.whole();
    reduce::Subset columns(table.columns_of(all.records));
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i] = i;
    if (columns.empty()) continue;
    all.columns = columns;
    EXPECT_EQ(table.render(all), text);
  }
}

TEST(CsvTable, KeepsRowsAndColumnsAsTheyStand) {
  const CsvTable table("id,name,price\r\n1,\"Doe, J\"\"r\",2.50\r\n2,Roe,3\r\n");
  EXPECT_EQ(table.records(), 3U);
  EXPECT_EQ(table.columns_of({0, 1, 2}), 3U);
  EXPECT_EQ(table.render(part_of(table, {0, 1}, reduce::Subset{1, 2})),
            "name,price\r\n\"Doe, J\"\"r\",2.50\r\n");
  EXPECT_EQ(table.render(part_of(table, {2})), "2,Roe,3\r\n");
}

TEST(CsvTable, AQuotedFieldHoldsLineEndsAndDelimiters) {
  const CsvTable table("a,b\n\"x\n,y\",1\n2,3\n");
  EXPECT_EQ(table.records(), 3U);
  EXPECT_THAT(table.fields(1), ElementsAre("\"x\n,y\"", "1"));
  EXPECT_EQ(CsvTable::value(table.fields(1).front()), "x\n,y");
}

TEST(CsvTable, AQuoteThatIsNeverClosedHidesNoLines) {
  const CsvTable table("a,b\n\"x,1\n2,3\n");
  EXPECT_EQ(table.records(), 3U);
}

TEST(CsvTable, TakesTheDelimiterThatLinesAgreeOn) {
  EXPECT_EQ(CsvTable("a;b;c\n1,5;2,5;3,5\n").columns_of({0, 1}), 3U);
  EXPECT_EQ(CsvTable("a\tb\n1, 2\t3\n").columns_of({0, 1}), 2U);
  EXPECT_EQ(CsvTable("words\nmore of them\n").columns_of({0, 1}), 1U);
}

TEST(CsvTable, LinesOfDifferentWidthsHaveNoColumnsTogether) {
  const CsvTable table("a,b\n1,2\n\n1,2,3\n");
  EXPECT_EQ(table.records(), 4U);
  EXPECT_EQ(table.columns_of({0, 1, 2}), 2U) << "blank lines do not count";
  EXPECT_EQ(table.columns_of({0, 3}), 0U);
}

TEST(CsvTable, NewValuesStandWhereTheOldOnesStood) {
  const CsvTable table("a,b\n1,2\n");
  TablePart part = table.whole();
  part.values[{1, 1}] = table.field("x,\"y\"");
  EXPECT_EQ(table.render(part), "a,b\n1,\"x,\"\"y\"\"\"\n");
  part.columns = reduce::Subset{1};
  EXPECT_EQ(table.render(part), "b\n\"x,\"\"y\"\"\"\n");
}

}  // namespace
}  // namespace nbreplay::test
