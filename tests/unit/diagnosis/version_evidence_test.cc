#include "diagnosis/version_evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nbreplay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A crash in line 2 of cell 0, whose second statement uses these names.
class VersionEvidenceTest : public testing::Test {
 protected:
  VersionEvidenceTest() {
    CellFacts cell;
    Statement statement;
    statement.first_line = statement.last_line = 2;
    statement.kind = "Expr";
    cell.statements.push_back(statement);
    facts.push_back(cell);
  }

  void import(const std::string& module, const std::string& name, const std::string& bound) {
    facts.front().imports.push_back({module, name, bound, 1});
  }
  void use(const std::string& name) { facts.front().statements.front().uses.push_back(name); }
  void raise_in(const std::string& module, const std::string& text = "") {
    Frame frame;
    frame.file = "/venv/lib/python3.11/site-packages/" + module + "/core.py";
    frame.module = module + ".core";
    frame.function = "f";
    frame.line = 7;
    frame.text = text;
    frames.push_back(frame);
  }

  std::vector<std::string> modules(const std::string& type, const std::string& message) {
    const auto found = version_evidence(crash(type, message), facts);
    return found ? found->modules : std::vector<std::string>{};
  }
  Crash crash(const std::string& type, const std::string& message) const {
    Crash crash;
    crash.type = type;
    crash.message = message;
    crash.cell = 0;
    crash.line = 2;
    Frame own;
    own.in_notebook = true;
    own.cell = 0;
    own.line = 2;
    crash.frames = {own};
    crash.frames.insert(crash.frames.end(), frames.begin(), frames.end());
    return crash;
  }

  std::vector<CellFacts> facts;
  std::vector<Frame> frames;
};

TEST_F(VersionEvidenceTest, ImportsThatAPackageDoesNotServe) {
  EXPECT_THAT(
      modules("ImportError", "cannot import name 'load_boston' from 'sklearn.datasets' (x)"),
      ElementsAre("sklearn"));
  EXPECT_THAT(modules("ModuleNotFoundError", "No module named 'sklearn.cross_validation'"),
              ElementsAre("sklearn"));
  EXPECT_THAT(modules("ModuleNotFoundError", "No module named 'helpers'"), IsEmpty());
}

TEST_F(VersionEvidenceTest, AnImportThatFailsInsideOfALibrary) {
  raise_in("jinja2");
  EXPECT_THAT(
      modules("ImportError", "cannot import name 'soft_unicode' from 'markupsafe' (/x/y.py)"),
      ElementsAre("markupsafe", "jinja2"));
}

TEST_F(VersionEvidenceTest, AttributesOfModules) {
  EXPECT_THAT(modules("AttributeError", "module 'numpy' has no attribute 'float'."),
              ElementsAre("numpy"));
}

TEST_F(VersionEvidenceTest, AttributesOfClassesByFramesOrImports) {
  raise_in("pandas");
  EXPECT_THAT(modules("AttributeError", "'DataFrame' object has no attribute 'append'"),
              ElementsAre("pandas"));
  frames.clear();
  import("imblearn.over_sampling", "SMOTE", "SMOTE");
  EXPECT_THAT(modules("AttributeError", "'SMOTE' object has no attribute 'fit_sample'"),
              ElementsAre("imblearn"));
}

TEST_F(VersionEvidenceTest, PythonsOwnClassesAndTheNotebooksAreNoLibrarys) {
  EXPECT_THAT(modules("AttributeError", "'NoneType' object has no attribute 'group'"), IsEmpty());
  EXPECT_THAT(modules("AttributeError", "'str' object has no attribute 'decode'"), IsEmpty());
  facts.front().definitions.push_back({"Basket", 1});
  import("pandas", "", "pd");
  use("pd");
  EXPECT_THAT(modules("AttributeError", "'Basket' object has no attribute 'fill'"), IsEmpty());
}

TEST_F(VersionEvidenceTest, ArgumentsThatAFunctionDoesNotTake) {
  import("pandas", "", "pd");
  use("pd");
  EXPECT_THAT(
      modules("TypeError", "read_csv() got an unexpected keyword argument 'error_bad_lines'"),
      ElementsAre("pandas"));
  EXPECT_THAT(modules("TypeError", "unsupported operand type(s) for +: 'int' and 'str'"),
              IsEmpty());
  facts.front().definitions.push_back({"total", 1});
  EXPECT_THAT(modules("TypeError", "total() got an unexpected keyword argument 'rate'"), IsEmpty());
}

TEST_F(VersionEvidenceTest, WhereAValueComesFromTellsItsLibrary) {
  import("pandas", "", "pd");
  Statement read, group;
  read.kind = group.kind = "Assign";
  read.definitions = {"sales"};
  read.uses = {"pd"};
  group.definitions = {"daily"};
  group.uses = {"sales"};
  CellFacts before;
  before.statements = {read, group};
  facts.push_back(before);
  use("daily");
  EXPECT_THAT(modules("TypeError", "NDFrame.rolling() got an unexpected keyword argument 'centre'"),
              ElementsAre("pandas"));
}

TEST_F(VersionEvidenceTest, WordsOfRemovalAndOfBinaryBuilds) {
  raise_in("scipy");
  EXPECT_THAT(modules("NotImplementedError", "`interp2d` has been removed in SciPy 1.14.0."),
              ElementsAre("scipy"));
  frames.clear();
  raise_in("pandas");
  EXPECT_THAT(
      modules("ValueError", "numpy.dtype size changed, may indicate binary incompatibility"),
      ElementsAre("pandas", "numpy"));
  EXPECT_THAT(modules("ValueError", "could not convert string to float: 'x'"), IsEmpty());
}

TEST_F(VersionEvidenceTest, ALibraryThatRefusesDidNotFail) {
  raise_in("sklearn", "raise ValueError(msg)");
  EXPECT_FALSE(failed_inside_library(crash("ValueError", "bad input")));
  frames.clear();
  raise_in("sklearn", "return a / b");
  EXPECT_TRUE(failed_inside_library(crash("ZeroDivisionError", "division by zero")));
  frames.clear();
  EXPECT_FALSE(failed_inside_library(crash("ValueError", "bad")));
}

}  // namespace
}  // namespace nbreplay
