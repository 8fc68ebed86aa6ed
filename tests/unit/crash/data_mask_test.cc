#include <gtest/gtest.h>

#include "nbreplay/crash/data_words.h"
#include "nbreplay/crash/signature.h"

namespace nbreplay {
namespace {

/// Of a table of towns and prices, in a notebook that names its columns.
DataWords words() {
  DataWords result({"df = pd.read_csv('towns.csv')\ndf['price'].mean()"});
  for (const char* value : {"town", "price", "Oslo", "Bergen", "1.50", "17", "n/a", "it's fine",
                            "New York", "s", "t", "r", " padded ", "2020-02-30"})
    result.add(value);
  result.seal();
  return result;
}

std::string masked(const std::string& type, const std::string& message) {
  Crash crash;
  crash.type = type;
  crash.message = message;
  return *without_data(crash, words()).message;
}

TEST(DataMask, ValuesThatAMessageJoinsAreOne) {
  const std::string expected = "Could not convert string <text> to numeric";
  for (const char* values :
       {"Oslo", "OsloBergenOslo", "1.50Oslo17", "osloBERGEN", "it's fineOsloit's fine",
        "Oslo, Bergen", "New York", "padded", "nobody knows this one, it is no name", "1,5O"})
    EXPECT_EQ(
        masked("TypeError", std::string("Could not convert string '") + values + "' to numeric"),
        expected)
        << values;
  EXPECT_EQ(masked("TypeError", "Could not convert ['OsloBergen' '1.5017'] to numeric"),
            "Could not convert [<text>] to numeric");
}

TEST(DataMask, ALongMessageIsCutInTheMiddleAndStillOneValue) {
  std::string towns;
  while (towns.size() < 40'000) towns += "Oslo";
  const std::string message = "Could not convert string '" + towns +
                              "Os\n[... 123456 characters left out ...]\nlo" + towns +
                              "' to numeric";
  EXPECT_EQ(masked("TypeError", message), "Could not convert string <text> to numeric");
  EXPECT_EQ(masked("KeyError", "'" + towns + "'"), "<text>");
  EXPECT_EQ(masked("KeyError", "no 'a'\n[... 12 characters left out ...]\nbut 'b' and 'c'"),
            "no 'a'\n[... <text> characters left out ...]\nbut 'b' and 'c'");
}

TEST(DataMask, ListsAreAsLongAsTheyLike) {
  EXPECT_EQ(masked("KeyError", "\"[3, 17, -2.5e3] not in index\""), "\"[<text>] not in index\"");
  EXPECT_EQ(masked("KeyError", "\"[3] not in index\""), "\"[<text>] not in index\"");
  EXPECT_EQ(masked("ValueError", "unseen labels: [np.int64(3), np.str_('Oslo')]"),
            "unseen labels: [<text>]");
  EXPECT_EQ(masked("ValueError", "unseen labels: ['Oslo', 'Bergen', 'New York']"),
            "unseen labels: [<text>]");
  EXPECT_EQ(
      masked("KeyError", R"("None of [Index(['Oslo', 'Bergen',\n ...\n 'Oslo'], length=201)]")"),
      R"("None of [Index([<text>])]")");
  EXPECT_EQ(masked("ValueError", "unseen: {'Oslo', 'Bergen'}"), "unseen: {<text>}");
}

TEST(DataMask, WordsOfTheTableAreMaskedWhereverTheyStand) {
  EXPECT_EQ(masked("RuntimeError", "no such place: New York (of 3)"),
            "no such place: <text> (of 3)");
  EXPECT_EQ(masked("KeyError", "'Oslo'"), "<text>");
  EXPECT_EQ(masked("KeyError", "17"), "<text>");
  EXPECT_EQ(masked("KeyError", "1.5"), "<text>") << "the same number as 1.50";
  EXPECT_EQ(masked("KeyError", "Timestamp('2020-02-30 00:00:00')"), "Timestamp(<text>)");
}

TEST(DataMask, NamesAndTypesStay) {
  for (const auto& [type, message] : std::vector<std::pair<std::string, std::string>>{
           {"KeyError", "'price'"},
           {"KeyError", "18"},
           {"KeyError", "'Total amount'"},
           {"KeyError", "\"['price'] not in index\""},
           {"AttributeError", "'str' object has no attribute 'mean'"},
           {"TypeError", "unsupported operand type(s) for -: 'str' and 'NoneType'"},
           {"TypeError", "'<' not supported between instances of 'str' and 'float'"},
           {"TypeError", "data type 'datetime64[ns]' not understood"},
           {"ValueError", "Input contains NaN"},
           {"ValueError", "Column 'price' is not there"},
           {"ValueError", "axis 1 is out of bounds for array of dimension 1"},
           {"ValueError", "don't"},
           {"ValueError", ""}})
    EXPECT_EQ(masked(type, message), message);
}

TEST(DataMask, EndsSoonWhateverTheMessageIs) {
  DataWords hostile({""});
  for (char c = 'a'; c <= 'z'; ++c) hostile.add(std::string(1, c));
  hostile.add("z' 'a");
  hostile.seal();
  for (const char* part : {"'a", "' 'a", "\"'\"a'a", "a!' 'a", "[[", "'a\"a`a"}) {
    Crash crash;
    crash.type = "KeyError";
    crash.message.emplace();
    while (crash.message->size() < 64'000) *crash.message += part;
    EXPECT_LE(without_data(crash, hostile).message->size(), 4 * crash.message->size());
  }
}

TEST(DataMask, OfCrashesThatDifferInDataOnlyNothingIsLeftToTellThemApart) {
  Crash one;
  one.type = one.qualified_type = "TypeError";
  one.message = "Could not convert string 'OsloOslo' to numeric";
  one.chain = {{"ValueError", "could not convert string to float: 'OsloOslo'", false}};
  one.chain_known = true;
  one.cell = 3;
  Crash other = one;
  other.message = "Could not convert string 'Bergen' to numeric";
  other.chain.front().message = "could not convert string to float: 'Bergen'";
  EXPECT_FALSE(compare(one, other, Level::kA).same);
  EXPECT_TRUE(compare(without_data(one, words()), without_data(other, words()), Level::kS).same);
  other.message = "Could not convert string 'Bergen' to a date";
  EXPECT_FALSE(compare(without_data(one, words()), without_data(other, words()), Level::kA).same);
  EXPECT_EQ(without_data(one, words()).cell, one.cell);
}

TEST(DataWords, TellWhatIsAValue) {
  const DataWords known = words();
  EXPECT_TRUE(known.holds("oslo"));
  EXPECT_TRUE(known.holds(" 17.0 "));
  EXPECT_FALSE(known.holds("Osl"));
  EXPECT_FALSE(known.holds(""));
  EXPECT_EQ(known.value_at("New York, now"), 8U);
  EXPECT_EQ(known.value_at("Oslofjord"), 0U);
  EXPECT_TRUE(known.said("price"));
  EXPECT_FALSE(known.said("rice"));
}

}  // namespace
}  // namespace nbreplay
