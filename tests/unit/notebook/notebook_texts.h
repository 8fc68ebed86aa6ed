#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "nbreplay/notebook/notebook.h"

namespace nbreplay::test {

/// Parses a notebook that must be readable.
inline Notebook parsed(std::string_view text) {
  auto notebook = parse_notebook(std::string(text), "demo.ipynb");
  if (!notebook)
    ADD_FAILURE() << notebook.error().message << ": " << notebook.error().cause << "\n" << text;
  return std::move(notebook).value();
}

/// A one-line notebook of nbformat 4.5 with `cells` (JSON text, comma-separated) as its cells.
inline std::string compact(std::string_view cells, std::string_view metadata = "{}") {
  return "{\"cells\": [" + std::string(cells) + "], \"metadata\": " + std::string(metadata) +
         ", \"nbformat\": 4, \"nbformat_minor\": 5}";
}

/// A code cell as JSON text.
inline std::string code(std::string_view source, std::string_view id, std::string_view count,
                        std::string_view tags = "[]") {
  return R"({"cell_type": "code", "execution_count": )" + std::string(count) + R"(, "id": ")" +
         std::string(id) + R"(", "metadata": {"tags": )" + std::string(tags) +
         R"(}, "outputs": [], "source": )" + std::string(source) + "}";
}

/// In the exact form that nbformat writes: a table made by wrong order, with an error, a figure
/// and text outside ASCII.
inline constexpr std::string_view kWrittenByNbformat = R"nb({
 "cells": [
  {
   "cell_type": "markdown",
   "id": "intro",
   "metadata": {},
   "source": [
    "# Umsätze 📈\n",
    "\n",
    "Erst laden, dann rechnen."
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 2,
   "id": "load",
   "metadata": {
    "tags": [
     "parameters"
    ]
   },
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "3 rows\n"
     ]
    }
   ],
   "source": [
    "rows = [1, 2, 3]\n",
    "print(len(rows), 'rows')"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 7,
   "id": "mean",
   "metadata": {},
   "outputs": [
    {
     "ename": "NameError",
     "evalue": "name 'total' is not defined",
     "output_type": "error",
     "traceback": [
      "\u001b[0;31mNameError\u001b[0m: name 'total' is not defined"
     ]
    }
   ],
   "source": [
    "total / len(rows)"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": null,
   "id": "empty",
   "metadata": {},
   "outputs": [],
   "source": []
  }
 ],
 "metadata": {
  "kernelspec": {
   "display_name": "Python 3",
   "language": "python",
   "name": "python3"
  },
  "language_info": {
   "name": "python",
   "version": "3.11.2"
  }
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
)nb";

}  // namespace nbreplay::test
