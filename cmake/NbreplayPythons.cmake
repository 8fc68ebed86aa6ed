# Finds the CPython installations that workers are built for: one per minor version.
#
# Candidates: NBREPLAY_PYTHONS (variable or environment; a list of interpreters separated by ';'
# or ':') when given, else those on PATH, of pyenv, of uv and of conda. A minor version needs
# Python.h and a shared libpython; what is found without is named and skipped. The headers only
# fix the binary interface of the minor version: at run time the worker loads the library of
# whatever interpreter of that minor the notebook's environment has.
#
# Sets NBREPLAY_PYTHON_MINORS, and for each NBREPLAY_PYTHON_<minor>_{EXECUTABLE,INCLUDE}; writes
# pythons.txt into the build folder, a line "<minor> <executable>" for each, for the scripts.
# 3.7 and older have no PyConfig and are not served.
set(NBREPLAY_PYTHONS "" CACHE STRING "Interpreters to build workers for; empty: search")
set(NBREPLAY_TOOLS_PYTHON "${PROJECT_SOURCE_DIR}/.nbreplay/tools/bin/python" CACHE FILEPATH
    "Interpreter of the environment that holds the build tools (scripts/requirements-tools.txt)")
set(NBREPLAY_PYBIND11_INCLUDE "" CACHE PATH
    "Folder with pybind11/pybind11.h; empty: ask NBREPLAY_TOOLS_PYTHON")
set(NBREPLAY_PYTHON_OLDEST 3.8)

function(nbreplay_python_candidates out)
  set(given "${NBREPLAY_PYTHONS}")
  if(NOT given)
    set(given "$ENV{NBREPLAY_PYTHONS}")
  endif()
  if(given)
    string(REPLACE ":" ";" given "${given}")
    set(${out} "${given}" PARENT_SCOPE)
    return()
  endif()
  set(found "")
  string(REPLACE ":" ";" path "$ENV{PATH}")
  foreach(folder IN LISTS path)
    file(GLOB here "${folder}/python3" "${folder}/python3.[0-9]" "${folder}/python3.[0-9][0-9]")
    list(APPEND found ${here})
  endforeach()
  set(home "$ENV{HOME}")
  file(GLOB managed
    "${home}/.pyenv/versions/*/bin/python3"
    "$ENV{PYENV_ROOT}/versions/*/bin/python3"
    "${home}/.local/share/uv/python/*/bin/python3"
    "$ENV{CONDA_PREFIX}/bin/python3"
    "${home}/miniconda3/bin/python3" "${home}/miniconda3/envs/*/bin/python3"
    "${home}/anaconda3/bin/python3" "${home}/anaconda3/envs/*/bin/python3"
    "${home}/miniforge3/bin/python3" "${home}/miniforge3/envs/*/bin/python3")
  list(APPEND found ${managed})
  set(${out} "${found}" PARENT_SCOPE)
endfunction()

# Asks one interpreter; sets facts_{minor,include,library,executable} or facts_problem.
function(nbreplay_ask_python executable)
  execute_process(
    COMMAND "${executable}" -I -S "${PROJECT_SOURCE_DIR}/cmake/python_facts.py"
    OUTPUT_VARIABLE answer ERROR_QUIET RESULT_VARIABLE code TIMEOUT 20
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(minor "")
  set(include "")
  set(library "")
  set(problem "")
  if(NOT code EQUAL 0)
    set(problem "does not run")  # Mostly a shim of a version that is not selected.
  else()
    string(REPLACE "\n" ";" answer "${answer}")
    list(GET answer 0 implementation)
    list(GET answer 1 minor)
    list(GET answer 2 include)
    list(GET answer 3 library)
    list(GET answer 4 executable)
    if(NOT implementation STREQUAL "cpython")
      set(problem "is not CPython with its global lock")
    elseif(minor VERSION_LESS NBREPLAY_PYTHON_OLDEST)
      set(problem "is older than ${NBREPLAY_PYTHON_OLDEST}")
    elseif(NOT EXISTS "${include}/Python.h")
      set(problem "comes without Python.h")
    elseif(NOT EXISTS "${library}")
      set(problem "was built without a shared libpython")
    endif()
  endif()
  foreach(name IN ITEMS minor include library problem executable)
    set(facts_${name} "${${name}}" PARENT_SCOPE)
  endforeach()
endfunction()

function(nbreplay_find_pythons)
  nbreplay_python_candidates(candidates)
  set(minors "")
  set(seen "")
  set(skipped "")
  foreach(candidate IN LISTS candidates)
    file(REAL_PATH "${candidate}" real)
    if(real IN_LIST seen)
      continue()
    endif()
    list(APPEND seen "${real}")
    nbreplay_ask_python("${candidate}")
    if(facts_problem AND facts_minor)
      list(APPEND skipped "${facts_minor}=${facts_executable} ${facts_problem}")
    elseif(facts_minor AND NOT facts_minor IN_LIST minors)
      list(APPEND minors "${facts_minor}")
      set(NBREPLAY_PYTHON_${facts_minor}_EXECUTABLE "${facts_executable}")
      set(NBREPLAY_PYTHON_${facts_minor}_EXECUTABLE "${facts_executable}" PARENT_SCOPE)
      set(NBREPLAY_PYTHON_${facts_minor}_INCLUDE "${facts_include}" PARENT_SCOPE)
      message(STATUS "Worker for Python ${facts_minor}: ${facts_executable}")
    endif()
  endforeach()
  foreach(entry IN LISTS skipped)
    string(REGEX MATCH "^([^=]*)=(.*)" ignored "${entry}")
    if(NOT CMAKE_MATCH_1 IN_LIST minors)
      message(STATUS "No worker for Python ${CMAKE_MATCH_1}: ${CMAKE_MATCH_2}")
    endif()
  endforeach()
  list(SORT minors COMPARE NATURAL)
  set(NBREPLAY_PYTHON_MINORS "${minors}" PARENT_SCOPE)
  set(lines "")
  foreach(minor IN LISTS minors)
    string(APPEND lines "${minor} ${NBREPLAY_PYTHON_${minor}_EXECUTABLE}\n")
  endforeach()
  file(WRITE "${PROJECT_BINARY_DIR}/pythons.txt" "${lines}")
endfunction()

# Sets NBREPLAY_PYBIND11 to the folder with pybind11's headers, or stops.
function(nbreplay_find_pybind11)
  set(include "${NBREPLAY_PYBIND11_INCLUDE}")
  if(NOT include AND EXISTS "${NBREPLAY_TOOLS_PYTHON}")
    execute_process(
      COMMAND "${NBREPLAY_TOOLS_PYTHON}" -c "import pybind11; print(pybind11.get_include())"
      OUTPUT_VARIABLE include ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  endif()
  if(NOT EXISTS "${include}/pybind11/pybind11.h")
    message(FATAL_ERROR
      "pybind11 was not found, and the workers need it. Run scripts/quickstart.sh, which installs "
      "it into .nbreplay/tools, or give -DNBREPLAY_PYBIND11_INCLUDE=<folder with "
      "pybind11/pybind11.h>, or build without workers: -DNBREPLAY_WORKERS=OFF.")
  endif()
  set(NBREPLAY_PYBIND11 "${include}" PARENT_SCOPE)
endfunction()
