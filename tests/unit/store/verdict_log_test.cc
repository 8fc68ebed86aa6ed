#include "nbreplay/store/verdict_log.h"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "nbreplay/base/csv.h"

#include "support/temporary_folder.h"

namespace nbreplay {
namespace {

using test::TemporaryFolder;
using testing::HasSubstr;
using testing::SizeIs;

class Log : public testing::Test {
 protected:
  Result<VerdictLog> open(bool restart = false, bool force = false) const {
    std::vector<RowKey> rows;
    for (std::size_t line = 2; line < 5; ++line) rows.emplace_back(line, row(line, "").identity);
    return VerdictLog::open(folder_.path() / "labels.csv", std::nullopt, force, restart,
                            {"notebook", "cell"}, rows);
  }
  [[nodiscard]] Path csv() const { return folder_.path() / "labels.verdicts.csv"; }
  [[nodiscard]] Path jsonl() const { return folder_.path() / "labels.verdicts.jsonl"; }
  static std::string text(const Path& file) { return *read_file(file, mib(1)); }

  static VerdictRow row(std::size_t line, const std::string& verdict) {
    VerdictRow row;
    row.line = line;
    row.fields = {"a, b.ipynb", "3"};
    row.identity = csv_line(row.fields);
    row.notebook_sha256 = "3f";
    row.verdict = verdict;
    row.why = "said \"so\"";
    row.evidence_json = R"({"x": 1})";
    return row;
  }

  TemporaryFolder folder_;
};

TEST_F(Log, WritesBothFilesRowByRow) {
  auto log = open();
  ASSERT_TRUE(log);
  ASSERT_TRUE(log->add(row(2, "confirmed")));
  const auto records = parse_csv(text(csv()));  // while the log is still open
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[1].fields[0], "a, b.ipynb");
  EXPECT_EQ(records[1].fields[2], "confirmed");
  EXPECT_EQ(records[1].fields[6], "said \"so\"");
  const std::string lines = text(jsonl());
  const auto second = nlohmann::json::parse(lines.substr(lines.find('\n') + 1));
  EXPECT_EQ(second["evidence"]["x"], 1);
}

TEST_F(Log, ResumesAfterALineThatWasCutShort) {
  {
    auto log = open();
    ASSERT_TRUE(log->add(row(2, "confirmed")));
    ASSERT_TRUE(log->add(row(3, "refuted")));
  }
  const std::string whole = text(jsonl());
  std::ofstream(jsonl(), std::ios::trunc) << whole.substr(0, whole.size() - 20);
  auto log = open();
  ASSERT_TRUE(log);
  EXPECT_EQ(log->find(2, row(2, "").identity), (VerdictLog::Known{"confirmed", "3f"}));
  EXPECT_EQ(log->find(3, row(3, "").identity), std::nullopt);
  EXPECT_THAT(parse_csv(text(csv())), SizeIs(2));  // header and the row that counts
  ASSERT_TRUE(log->add(row(3, "unknown")));
  EXPECT_THAT(parse_csv(text(csv())), SizeIs(3));
}

TEST_F(Log, AChangedRowIsJudgedAgain) {
  { ASSERT_TRUE(open()->add(row(2, "confirmed"))); }
  EXPECT_EQ(open()->find(2, "other,row\n"), std::nullopt);
  EXPECT_EQ(open()->find(5, row(2, "").identity), std::nullopt);
}

TEST_F(Log, RowsJudgedAgainReplaceWhatWasThereAndStandInTheirPlace) {
  VerdictRow before = row(2, "unknown");
  before.fields = {"other.ipynb", "1"};
  before.identity = csv_line(before.fields);
  {
    auto log = open();
    ASSERT_TRUE(log->add(before));  // the labels file was changed in this line since
    ASSERT_TRUE(log->add(row(3, "not-judged")));
    ASSERT_TRUE(log->add(row(4, "unknown")));
  }
  auto log = open();
  EXPECT_EQ(log->find(3, row(3, "").identity), std::nullopt);
  ASSERT_TRUE(log->add(row(2, "confirmed")));
  ASSERT_TRUE(log->add(row(3, "refuted")));
  ASSERT_TRUE(log->finish());
  const auto records = parse_csv(text(csv()));
  ASSERT_THAT(records, SizeIs(4));
  EXPECT_EQ(records[1].fields[2], "confirmed");
  EXPECT_EQ(records[2].fields[2], "refuted");
  EXPECT_EQ(records[3].fields[2], "unknown");
}

TEST_F(Log, RestartForgetsEarlierRows) {
  { ASSERT_TRUE(open()->add(row(2, "confirmed"))); }
  auto log = open(/*restart=*/true);
  ASSERT_TRUE(log);
  EXPECT_EQ(log->find(2, row(2, "").identity), std::nullopt);
  EXPECT_THAT(parse_csv(text(csv())), SizeIs(1));
}

TEST_F(Log, ForeignFilesAreRefusedWithoutForce) {
  std::ofstream(jsonl()) << "{\"mine\": 1}\n";
  EXPECT_FALSE(open());
  EXPECT_EQ(text(jsonl()), "{\"mine\": 1}\n");
  EXPECT_TRUE(open(false, /*force=*/true));
  std::filesystem::remove(jsonl());
  std::ofstream(csv(), std::ios::trunc) << "mine\n";
  EXPECT_FALSE(open());
}

TEST_F(Log, DamagedLinesAreDropped) {
  { ASSERT_TRUE(open()->add(row(2, "confirmed"))); }
  std::ofstream(jsonl(), std::ios::app) << "{\"line\": \"x\"}\nnot json\n[]\n";
  auto log = open();
  ASSERT_TRUE(log);
  EXPECT_EQ(log->find(2, row(2, "").identity)->verdict, "confirmed");
  EXPECT_THAT(text(jsonl()), testing::Not(HasSubstr("not json")));
}

}  // namespace
}  // namespace nbreplay
