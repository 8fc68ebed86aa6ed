#include "nbreplay/base/units.h"

#include <gtest/gtest.h>

namespace nbreplay {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ParseBytes, TakesBinaryUnitsInAnySpelling) {
  EXPECT_EQ(*parse_bytes("512"), Bytes{512});
  EXPECT_EQ(*parse_bytes("2GiB"), gib(2));
  EXPECT_EQ(*parse_bytes("2 gb"), gib(2));
  EXPECT_EQ(*parse_bytes("1.5M"), Bytes{1572864});
}

TEST(ParseBytes, RefusesWhatIsNoSizeAndSaysHowToWriteOne) {
  for (const char* text : {"", "x", "-1", "3 parsecs", "1e999", "99999999999999999999t", "1m2"}) {
    const auto result = parse_bytes(text);
    ASSERT_FALSE(result.has_value()) << text;
    EXPECT_EQ(result.error().code, ErrorCode::kUsage);
    EXPECT_FALSE(result.error().hint.empty());
  }
}

TEST(ParseDuration, AddsItsParts) {
  EXPECT_EQ(*parse_duration("90"), seconds(90));
  EXPECT_EQ(*parse_duration("1h30m"), minutes(90));
  EXPECT_EQ(*parse_duration("250ms"), milliseconds(250));
  EXPECT_EQ(*parse_duration("1.5 s"), milliseconds(1500));
}

TEST(ParseDuration, RefusesNegativeEmptyAndEndless) {
  for (const char* text : {"", "-5s", "soon", "99999999999h"})
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
}

TEST(Format, ReadsLikeAPersonWouldSayIt) {
  EXPECT_EQ(format_bytes(gib(2)), "2 GiB");
  EXPECT_EQ(format_bytes(Bytes{1536}), "1.5 KiB");
  EXPECT_EQ(format_duration(milliseconds(42)), "42 ms");
  EXPECT_EQ(format_duration(milliseconds(3100)), "3.1 s");
  EXPECT_EQ(format_duration(seconds(65)), "1 min 05 s");
}

}  // namespace
}  // namespace nbreplay
