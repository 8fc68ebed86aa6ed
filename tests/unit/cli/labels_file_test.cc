#include "cli/labels_file.h"

#include <gmock/gmock.h>

#include "nbreplay/base/hash.h"

#include "support/temporary_folder.h"

namespace nbreplay::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<LabelsFile> read(const std::string& text) {
  test::TemporaryFolder folder;
  const Path file = folder.path() / "labels.csv";
  EXPECT_TRUE(write_file(file, text));
  return read_labels(file);
}

TEST(LabelsFile, ColumnsMayStandInAnyOrderAndOthersAreKept) {
  const auto labels = read(
      "who,root_cause,Cell,notebook,sublabel\nme,NB specific,9,\"a, b.ipynb\",Execution Order\n");
  ASSERT_TRUE(labels);
  ASSERT_EQ(labels->rows.size(), 1U);
  const LabelRow& row = labels->rows.front();
  EXPECT_EQ(row.problem, "");
  EXPECT_EQ(row.notebook, "a, b.ipynb");
  EXPECT_EQ(row.cell, "9");
  EXPECT_EQ(row.given.label, "NB specific");
  EXPECT_EQ(row.given.sublabel, "execution order");
  EXPECT_EQ(row.line, 2U);
  EXPECT_THAT(row.fields, ElementsAre("me", "NB specific", "9", "a, b.ipynb", "Execution Order"));
}

TEST(LabelsFile, MissingColumnsAreAnError) {
  const auto labels = read("notebook,cell\na.ipynb,1\n");
  ASSERT_FALSE(labels);
  EXPECT_THAT(labels.error().message + labels.error().cause, HasSubstr("root_cause"));
  EXPECT_FALSE(read(""));
}

TEST(LabelsFile, BadRowsAreNamedAndTheRestGoesOn) {
  const auto labels = read(
      "notebook,cell,root_cause\na.ipynb,1\nb.ipynb,2,nonsense\nc.ipynb,3,NB specific\n"
      ",4,NB specific\nd.ipynb,5,\"NB spec\n");
  ASSERT_TRUE(labels);
  ASSERT_EQ(labels->rows.size(), 5U);
  EXPECT_THAT(labels->rows[0].problem, HasSubstr("fields"));
  EXPECT_THAT(labels->rows[1].problem, HasSubstr("nonsense"));
  EXPECT_EQ(labels->rows[2].problem, "");
  EXPECT_NE(labels->rows[3].problem, "");
  EXPECT_NE(labels->rows[4].problem, "");
  EXPECT_EQ(labels->rows[4].line, 6U);
}

Notebook notebook_with_errors() {
  auto notebook = parse_notebook(
      R"({"cells": [
        {"cell_type": "markdown", "id": "m", "metadata": {}, "source": []},
        {"cell_type": "code", "id": "first", "metadata": {}, "source": ["1"], "outputs": [],
         "execution_count": 5},
        {"cell_type": "code", "id": "second", "metadata": {}, "source": ["2"],
         "execution_count": 6, "outputs": [{"output_type": "error", "ename": "KeyError",
         "evalue": "'a'", "traceback": []}]}],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5})",
      "data/churn.ipynb");
  EXPECT_TRUE(notebook);
  return *notebook;
}

TEST(LabelledCell, IsNamedInEveryDocumentedWay) {
  const Notebook notebook = notebook_with_errors();
  EXPECT_EQ(*find_labelled_cell(notebook, "2"), 2U);
  EXPECT_EQ(*find_labelled_cell(notebook, "index:2"), 2U);
  EXPECT_EQ(*find_labelled_cell(notebook, "id:second"), 2U);
  EXPECT_EQ(*find_labelled_cell(notebook, "In[6]"), 2U);
  EXPECT_EQ(*find_labelled_cell(notebook, uuid3_dns("nb_exception://churn.ipynb.2.keyerror")), 2U);
}

TEST(LabelledCell, WhatIsNotThereIsAnError) {
  const Notebook notebook = notebook_with_errors();
  for (const char* name : {"", "0", "3", "index:0", "index:9", "id:none", "In[1]", "x",
                           "00000000-0000-0000-0000-000000000000", "99999999999999999999"})
    EXPECT_FALSE(find_labelled_cell(notebook, name)) << name;
}

}  // namespace
}  // namespace nbreplay::cli
