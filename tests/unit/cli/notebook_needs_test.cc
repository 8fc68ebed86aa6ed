#include "cli/notebook_needs.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace nbreplay::cli {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

Notebook notebook_of(const std::vector<std::string>& sources, const json& outputs = json::array()) {
  json cells = json::array();
  for (const std::string& source : sources)
    cells.push_back({{"cell_type", "code"},
                     {"execution_count", nullptr},
                     {"metadata", json::object()},
                     {"outputs", outputs},
                     {"source", source}});
  const json document = {
      {"cells", cells}, {"metadata", json::object()}, {"nbformat", 4}, {"nbformat_minor", 4}};
  return *parse_notebook(document.dump(), "needs.ipynb");
}

CellFacts importing(const std::string& module, const std::string& name = "") {
  CellFacts facts;
  facts.imports.push_back({module, name, "bound", 1});
  return facts;
}

TEST(SeemingImports, AreTheFirstPartsOfWhatImportStatementsName) {
  EXPECT_THAT(seeming_imports(notebook_of(
                  {"import numpy as np, pandas.io\nfrom sklearn.svm import x",
                   "x = 1; import six\nif x: import idna", "important = 1\nfrom . import y"})),
              ElementsAre("idna", "numpy", "pandas", "six", "sklearn"));
}

TEST(ImportsOf, AreAsDottedAsTheyCanBe) {
  EXPECT_THAT(
      imports_of(notebook_of({"pass"}), {importing("numpy"), importing("google.cloud", "storage"),
                                         importing("math", "*"), importing(".own", "thing")}),
      ElementsAre("google.cloud.storage", "math", "numpy"));
}

TEST(ImportsOf, LeaveOutWhatWasRecordedAsMissing) {
  const json missing = {{{"output_type", "error"},
                         {"ename", "ModuleNotFoundError"},
                         {"evalue", "No module named 'seaborn'"},
                         {"traceback", json::array()}}};
  const std::vector<CellFacts> facts = {importing("seaborn", "heatmap"), importing("seaborn_x")};
  EXPECT_THAT(imports_of(notebook_of({"import seaborn"}, missing), facts),
              ElementsAre("seaborn_x"));
  EXPECT_THAT(imports_of(notebook_of({"%pip install seaborn"}, missing), facts),
              ElementsAre("seaborn.heatmap", "seaborn_x"));
}

TEST(ImportsOf, KeepWhatOnlyLooksLikeAMissingModule) {
  // Its text is recorded in the traceback alone; the other one only speaks of a module.
  const json errors = {{{"output_type", "error"},
                        {"ename", "ModuleNotFoundError"},
                        {"evalue", "ignored"},
                        {"traceback", {"ModuleNotFoundError: No module named 'seaborn'"}}},
                       {{"output_type", "error"},
                        {"ename", "RuntimeError"},
                        {"evalue", "worker said: No module named 'pandas'"},
                        {"traceback", json::array()}}};
  EXPECT_THAT(imports_of(notebook_of({"import seaborn, pandas"}, errors),
                         {importing("seaborn"), importing("pandas")}),
              ElementsAre("pandas"));
}

TEST(PipLines, AreTheRequirementsOfEveryInstallingLine) {
  EXPECT_THAT(pip_lines_of(notebook_of({"%pip install -q pandas==1.5.3 'numpy<2' # why",
                                        "!pip3 install --upgrade six && echo done",
                                        "!python -m pip install idna", "!uv pip install attrs",
                                        "pip install plain"})),
              ElementsAre("attrs", "idna", "numpy<2", "pandas==1.5.3", "plain", "six"));
}

TEST(PipLines, AreNoPathsAddressesOptionsOrOtherCommands) {
  EXPECT_THAT(pip_lines_of(notebook_of(
                  {"%pip install -r requirements.txt -i http://index.test ./local.whl",
                   "!pip install git+https://host.test/x --find-links wheels {name} $OTHER",
                   "!pip uninstall six", "!pipx install six", "print('pip install six')",
                   "# pip install six", "pip = install"})),
              IsEmpty());
}

TEST(LastRun, IsTheLatestTimeThatFrontEndsKept) {
  EXPECT_EQ(last_run_of(R"({"iopub.execute_input": "2021-05-06T07:08:09Z",
                            "end_time" : "2022-01-02T00:00:00", "start_time": "soon"})"),
            "2022-01-02");
  EXPECT_EQ(last_run_of(R"({"source": "\"end_time\": \"2022-01-02\""})"), "");
  EXPECT_EQ(last_run_of("\"end_time\""), "");
}

}  // namespace
}  // namespace nbreplay::cli
