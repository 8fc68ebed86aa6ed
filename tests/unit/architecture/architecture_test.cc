// The include rules of docs/architecture.md, checked against every source file of the project.

#include <gmock/gmock.h>

#include "nbreplay/base/file.h"

#include "rules.h"

namespace nbreplay::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kSmall =
    "|Floor|Module|Holds|May use|\n|-|-|-|-|\n|0|`base`|units||\n|1|`crash`|x|`base`|\n"
    "|2|`trial`|x|`crash`|\n|4|`report`|x|`trial`|\n|5|`cli`|x|all|\n|–|`sandbox/`|x|`base`|\n";

std::vector<std::string> check(const std::string& path, const std::string& text) {
  return violations(parse_table(kSmall), {path, text});
}

std::string read(const Path& path) {
  auto text = read_file(path, mib(8));
  EXPECT_TRUE(text.has_value()) << path;
  return text ? *text : std::string();
}

std::vector<SourceFile> project_files() {
  const Path root = NBREPLAY_SOURCE;
  std::vector<SourceFile> files;
  for (const char* folder : {"src", "include", "sandbox"})
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension == ".cc" || extension == ".h")
        files.push_back({entry.path().lexically_relative(root).string(), read(entry.path())});
    }
  return files;
}

TEST(Architecture, ProjectKeepsItsOwnRules) {
  const Table table = parse_table(read(Path(NBREPLAY_SOURCE) / "docs" / "architecture.md"));
  ASSERT_GE(table.size(), 14U) << "the table of docs/architecture.md was not understood";
  const std::vector<SourceFile> files = project_files();
  ASSERT_GE(files.size(), 100U);
  std::string all;
  for (const SourceFile& file : files)
    for (const std::string& one : violations(table, file)) all += one + "\n";
  EXPECT_EQ(all, "");
}

TEST(Architecture, EveryModuleFolderIsInTheTable) {
  const Table table = parse_table(read(Path(NBREPLAY_SOURCE) / "docs" / "architecture.md"));
  for (const auto& entry : fs::directory_iterator(Path(NBREPLAY_SOURCE) / "src")) {
    if (!entry.is_directory()) continue;
    EXPECT_TRUE(table.count(entry.path().filename().string()) > 0) << entry.path();
  }
}

TEST(Architecture, TableIsClosedUnderUse) {
  const Table table = parse_table(kSmall);
  EXPECT_THAT(table.at("trial"), ElementsAre("base", "crash", "trial"));
  EXPECT_THAT(table.at("cli"), ElementsAre("base", "cli", "crash", "report", "sandbox/", "trial"));
}

TEST(Architecture, UpwardIncludeIsFound) {
  EXPECT_THAT(check("src/crash/a.cc", "\n#include \"nbreplay/trial/trial.h\"\n"),
              ElementsAre(HasSubstr("src/crash/a.cc:2: crash may not use trial")));
  EXPECT_THAT(check("src/trial/a.cc", "#include \"nbreplay/base/file.h\"\n"), IsEmpty());
  EXPECT_THAT(check("include/nbreplay/crash/a.h", "#  include <nbreplay/report/json.h>\n"),
              ElementsAre(HasSubstr("crash may not use report")));
}

TEST(Architecture, PrivateHeaderOfAnotherModuleIsFound) {
  EXPECT_THAT(check("src/report/a.cc", "#include \"trial/secret.h\"\n"),
              ElementsAre(HasSubstr("private to trial")));
  EXPECT_THAT(check("src/report/a.cc", "#include \"report/words.h\"\n"), IsEmpty());
}

TEST(Architecture, LibrariesStayWhereTheyBelong) {
  EXPECT_THAT(check("src/trial/a.cc", "#include <nlohmann/json.hpp>\n"),
              ElementsAre(HasSubstr("may not include nlohmann")));
  EXPECT_THAT(check("src/report/a.cc", "#include <nlohmann/json.hpp>\n"), IsEmpty());
  EXPECT_THAT(check("src/cli/a.cc", "#include <boost/process/v2.hpp>\n"),
              ElementsAre(HasSubstr("boost/process")));
  EXPECT_THAT(check("sandbox/launcher/a.cc", "#include <Python.h>\n"),
              ElementsAre(HasSubstr("only sandbox/worker")));
  EXPECT_THAT(check("sandbox/worker/a.cc", "#include <pybind11/embed.h>\n"), IsEmpty());
}

TEST(Architecture, PureModulesSeeNoClockAndNoFile) {
  EXPECT_THAT(check("src/crash/a.cc", "#include <chrono>\n#include <sys/stat.h>\n"),
              testing::SizeIs(2));
  EXPECT_THAT(check("src/trial/a.cc", "#include <chrono>\n"), IsEmpty());
}

TEST(Architecture, PrintingBelowCliIsFound) {
  EXPECT_THAT(check("src/trial/a.cc", "  std::printf(\"x\");\n"), testing::SizeIs(1));
  EXPECT_THAT(check("src/trial/a.cc", "  snprintf(a, 1, \"x\");  // not printf(\n"), IsEmpty());
  EXPECT_THAT(check("src/cli/a.cc", "  std::printf(\"x\");\n"), IsEmpty());
}

TEST(Architecture, UnknownModuleIsFound) {
  EXPECT_THAT(check("src/extra/a.cc", ""), ElementsAre(HasSubstr("not in docs/architecture.md")));
}

}  // namespace
}  // namespace nbreplay::test
