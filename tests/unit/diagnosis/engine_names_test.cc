// Crashes about a name, a module or a file that is missing: what is confirmed, and what is not.

#include "engine_test.h"
#include "support/temporary_folder.h"

namespace nbreplay {
namespace {

using EngineNamesTest = EngineTest;

// ---- names ----------------------------------------------------------------------------------

TEST_F(EngineNamesTest, ConfirmsAnUndefinedNameWhenTheCountsAreWhole) {
  const Cause cause = cause_of({{"a = 1", 1}, {"b = rate", 2, name_error("rate")}});
  expect(cause, Verdict::kConfirmed, "undefined variable");
  EXPECT_EQ(cause.label, "implementation error");
}

TEST_F(EngineNamesTest, TellsAFunctionFromAVariable) {
  expect(cause_of({{"a = 1", 1}, {"b = rate(a)", 2, name_error("rate")}}), Verdict::kConfirmed,
         "undefined function");
}

TEST_F(EngineNamesTest, IsAmbiguousAboutAnUndefinedNameWithAGap) {
  const Cause cause = cause_of({{"a = 1", 1}, {"b = rate", 3, name_error("rate")}});
  expect(cause, Verdict::kAmbiguous, "undefined variable");
  EXPECT_THAT(cause.explanation, HasSubstr("In[2] left no trace"));
}

TEST_F(EngineNamesTest, IsAmbiguousAboutAnUndefinedNameWithoutCounts) {
  expect(cause_of({{"a = 1"}, {"b = rate", {}, name_error("rate")}}), Verdict::kAmbiguous,
         "undefined variable");
  expect(cause_of({{"a = 1"}, {"b = rate"}}), Verdict::kAmbiguous, "undefined variable");
}

TEST_F(EngineNamesTest, IsAmbiguousAboutAnUndefinedNameWithCountsOfTwoSessions) {
  expect(cause_of({{"a = 1", 1}, {"c = 1", 1}, {"b = rate", 2, name_error("rate")}}),
         Verdict::kAmbiguous, "undefined variable");
}

TEST_F(EngineNamesTest, IsAmbiguousWhenAnOpaqueCellFailed) {
  small.adjust_facts = [](CellFacts& facts, const std::string& source) {
    facts.opaque = source.find("opaque") != std::string::npos;
  };
  const Cause cause = cause_in(
      {{"raise ImportError opaque", 1, "ImportError: opaque"}, {"b = rate", 2, name_error("rate")}},
      1);
  expect(cause, Verdict::kAmbiguous, "undefined variable");
}

TEST_F(EngineNamesTest, ConfirmsAMissingImport) {
  const Cause cause = cause_of({{"a = 1", 1}, {"np.b\nb = np", 2, name_error("np")}});
  // `np` is also used without a dot: any object would pass there.
  EXPECT_NE(cause.sublabel, "did not import");
  expect(cause_of({{"a = 1", 1}, {"np.a", 2, name_error("np")}}), Verdict::kConfirmed,
         "did not import");
}

TEST_F(EngineNamesTest, IsAmbiguousWhereTheImportCannotBeTried) {
  const Cause cause = cause_of({{"a = 1", 1}, {"sns.a", 2, name_error("sns")}});
  expect(cause, Verdict::kAmbiguous, "undefined variable");
  EXPECT_THAT(cause.explanation, HasSubstr("`import seaborn as sns` may be missing"));
  EXPECT_EQ(status("did not import"), Verdict::kBlocked);
}

TEST_F(EngineNamesTest, IsAmbiguousAboutWhatIsNamedLikeALibrarysClass) {
  expect(cause_of({{"a = 1", 1}, {"b = BertModel(a)", 2, name_error("BertModel")}}),
         Verdict::kAmbiguous, "undefined function");
  EXPECT_EQ(status("did not import"), Verdict::kUnknown);
}

TEST_F(EngineNamesTest, RefutesNoUndefinedNameThatMayHaveBeenCaught) {
  const auto of_name = [&](const std::string& comment) {
    cause_of({{"a = 1" + comment, 1}, {"a[k]", 2, "KeyError: 'k'"}});
    return status("undefined variable");
  };
  EXPECT_EQ(of_name(""), Verdict::kRefuted);
  EXPECT_EQ(of_name("  # except ImportError:"), Verdict::kRefuted);
  EXPECT_EQ(of_name("  # except:"), Verdict::kUnknown);
  EXPECT_EQ(of_name("  # except (ValueError, Exception) as e:"), Verdict::kUnknown);
  EXPECT_THAT(finding.evidence, testing::Not(testing::Contains("every name bound")));
  small.oracle = [&](const Trial& trial) {
    Outcome outcome = small.run(trial);
    for (CellOutcome& cell : outcome.cells)
      if (auto* raised = std::get_if<Raised>(&cell.end))
        raised->crash.chain.push_back({"NameError", "name 'z' is not defined", false});
    return outcome;
  };
  EXPECT_EQ(of_name(""), Verdict::kUnknown) << "raised while a NameError was handled";
}

TEST_F(EngineNamesTest, DoesNotTakeAVariableForAModuleOfItsName) {
  small.modules.insert("code");  // Python has a module of this name
  expect(cause_of({{"a = 1", 1}, {"b = code", 2, name_error("code")}}), Verdict::kConfirmed,
         "undefined variable");
}

TEST_F(EngineNamesTest, ConfirmsATypo) {
  const Cause cause = cause_of({{"vineyard = 1", 1}, {"b = vinyeard", 2, name_error("vinyeard")}});
  expect(cause, Verdict::kConfirmed, "typo");
  EXPECT_THAT(cause.explanation, HasSubstr("'vineyard' mistyped"));
}

TEST_F(EngineNamesTest, ConfirmsATypoOfWhatPythonHas) {
  small.oracle = [&](const Trial& trial) {
    Trial other = trial;
    for (Execution& execution : other.executions)
      if (execution.source == "print(a)") execution.source = "pass";
    return small.run(other);
  };
  expect(cause_of({{"a = 1", 1}, {"pirnt(a)", 2, name_error("pirnt")}}), Verdict::kConfirmed,
         "typo");
}

TEST_F(EngineNamesTest, IsAmbiguousAboutNamesWhereAllOfAModuleWasImported) {
  const Cause cause =
      cause_of({{"a = 1  # from math import *", 1}, {"b = sqrtt(a)", 2, name_error("sqrtt")}});
  expect(cause, Verdict::kAmbiguous, "undefined function");
  EXPECT_EQ(status("typo"), Verdict::kUnknown);
}

TEST_F(EngineNamesTest, ConfirmsTheImportOfAClass) {
  small.oracle = [&](const Trial& trial) {
    Trial other = trial;
    for (Execution& execution : other.executions)
      if (execution.source.find("import importlib") == 0) execution.source = "KMeans = 1";
    return small.run(other);
  };
  expect(cause_of({{"a = 1", 1}, {"b = KMeans(a)", 2, name_error("KMeans")}}), Verdict::kConfirmed,
         "did not import");
}

TEST_F(EngineNamesTest, DoesNotConfirmAnImportOfACommonWord) {
  small.oracle = [&](const Trial& trial) {
    Trial other = trial;
    for (Execution& execution : other.executions)
      if (execution.source.find("import importlib") == 0) execution.source = "plot = 1";
    return small.run(other);
  };
  expect(cause_of({{"a = 1", 1}, {"b = plot(a)", 2, name_error("plot")}}), Verdict::kAmbiguous,
         "did not import");
}

TEST_F(EngineNamesTest, DoesNotTakeTheOtherHalfOfAPairForATypo) {
  expect(cause_of({{"y_train = 1", 1}, {"b = X_train", 2, name_error("X_train")}}),
         Verdict::kConfirmed, "undefined variable");
  const Cause loss =
      cause_of({{"best_loss = 1", 1}, {"b = test_loss", 2, name_error("test_loss")}});
  EXPECT_NE(loss.sublabel == "typo" ? loss.verdict : Verdict::kUnknown, Verdict::kConfirmed);
}

TEST_F(EngineNamesTest, DoesNotTakeANameThatOthersUseForATypo) {
  const Cause cause =
      cause_of({{"frames = 1", 1}, {"b = frmaes", 2, name_error("frmaes")}, {"c = frmaes"}});
  expect(cause, Verdict::kAmbiguous, "typo");
}

// ---- modules and files ----------------------------------------------------------------------

TEST_F(EngineNamesTest, ConfirmsAMissingModule) {
  expect(cause_of({{"import torch as t", 1, "ModuleNotFoundError: No module named torch"}}),
         Verdict::kConfirmed, "module not installed");
}

TEST_F(EngineNamesTest, TellsAModuleOfTheProjectFromOneToInstall) {
  const test::TemporaryFolder folder;
  small.project.root = folder.path();
  small.project.working_directory = folder.path() / "notebooks";
  std::filesystem::create_directories(folder.path() / "src");
  ASSERT_TRUE(write_file(folder.path() / "src" / "helpers.py", ""));
  bool helps = true;
  small.oracle = [&](const Trial& trial) {
    Trial other = trial;
    const std::size_t at = other.executions.front().source.find("abspath('../src')");
    if (at != std::string::npos) {
      other.executions.front().source = "pass";
      if (helps) other.placeholder_modules.push_back("helpers");
    }
    return small.run(other);
  };
  const std::vector<SmallCell> cells = {
      {"import helpers as h", 1, "ModuleNotFoundError: No module named helpers"}};
  Cause cause = cause_of(cells);
  expect(cause, Verdict::kConfirmed, "module not installed");
  EXPECT_THAT(cause.explanation, HasSubstr("has the module 'helpers' as 'src/helpers.py', but "
                                           "'src' is not on sys.path"));
  EXPECT_THAT(cause.explanation, HasSubstr("--cwd, or run sys.path.insert(0, '../src') first"));
  EXPECT_EQ(finding.experiments.back().change, "'src' put on sys.path");
  EXPECT_EQ(finding.experiments.back().fresh_runs, 1U);
  helps = false;
  cause = cause_of(cells);
  expect(cause, Verdict::kAmbiguous, "module not installed");
  EXPECT_THAT(cause.explanation, HasSubstr("src/helpers.py"));
}

TEST_F(EngineNamesTest, DoesNotTakeAMistypedModuleForAMissingOne) {
  small.packages = {{"pandas", "2.2.0"}};
  expect(cause_of({{"import pandsa as p", 1, "ModuleNotFoundError: No module named pandsa"}}),
         Verdict::kAmbiguous, "module not installed");
}

TEST_F(EngineNamesTest, KnowsModulesByTheNameThatIsImported) {
  expect(
      cause_of({{"import colections as c", 1, "ModuleNotFoundError: No module named colections"}}),
      Verdict::kAmbiguous, "module not installed");
  expect(cause_of({{"import sklern as c", 1, "ModuleNotFoundError: No module named sklern"}}),
         Verdict::kAmbiguous, "module not installed");
}

TEST_F(EngineNamesTest, DoesNotTakeAModuleThatACellWritesForAMissingOne) {
  const Cause cause =
      cause_of({{"import helper as h", 1, "ModuleNotFoundError: No module named helper"},
                {"a = 1  # writefile helper.py"}});
  expect(cause, Verdict::kAmbiguous, "module not installed");
  EXPECT_THAT(cause.explanation, HasSubstr("cell 2 may be meant to make it"));
}

TEST_F(EngineNamesTest, DoesNotRefuteAFileThatIsLookedUpElsewhere) {
  // The made-up file is where the run starts; the notebook has moved on.
  small.oracle = [&](const Trial& trial) {
    Trial other = trial;
    other.extra_files.clear();
    return small.run(other);
  };
  const SmallCell opens = {"open table", 2,
                           "FileNotFoundError: [Errno 2] No such file or directory: 'table'"};
  cause_of({{"a = 1", 1}, opens});
  EXPECT_EQ(status("file/path not found or exist"), Verdict::kRefuted);
  cause_of({{"a = 1  # chdir", 1}, opens});
  EXPECT_EQ(status("file/path not found or exist"), Verdict::kUnknown);
}

TEST_F(EngineNamesTest, ConfirmsAMissingFile) {
  expect(cause_of({{"open table", 1,
                    "FileNotFoundError: [Errno 2] No such file or directory: 'table'"}}),
         Verdict::kConfirmed, "file/path not found or exist");
}

TEST_F(EngineNamesTest, IsAmbiguousAboutAFileThatACellMayMake) {
  const Cause cause = cause_of(
      {{"open table", 1, "FileNotFoundError: [Errno 2] No such file or directory: 'table'"},
       {"a = 1  # save table"}});
  expect(cause, Verdict::kAmbiguous, "file/path not found or exist");
}

TEST_F(EngineNamesTest, IsBlockedByAnAbsolutePath) {
  const Cause cause = cause_of(
      {{"open /data/t", 1, "FileNotFoundError: [Errno 2] No such file or directory: '/data/t'"}});
  EXPECT_NE(cause.verdict, Verdict::kConfirmed);
}

}  // namespace
}  // namespace nbreplay
