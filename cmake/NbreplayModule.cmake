# nbreplay_module(NAME SOURCES file... [USES module...] [LIBRARIES target...])
#
# A module of docs/architecture.md: the static library nbreplay_NAME, alias nbreplay::NAME.
# USES names modules; their public headers and libraries come along. LIBRARIES are third-party
# and stay private to the module.
function(nbreplay_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  set(target "nbreplay_${name}")
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(nbreplay::${name} ALIAS ${target})
  target_link_libraries(${target} PUBLIC nbreplay::options)
  foreach(used IN LISTS arg_USES)
    target_link_libraries(${target} PUBLIC "nbreplay::${used}")
  endforeach()
  target_link_libraries(${target} PRIVATE ${arg_LIBRARIES})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src")
endfunction()

# nbreplay_runs_seldom(TARGET): it waits for notebooks nearly all of the time, so that optimising it
# further, which takes a quarter of the time to compile, would gain nobody anything.
function(nbreplay_runs_seldom target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

# nbreplay_python_tests(PREFIX label [VARIABLES name=value...] [TIMEOUT seconds])
#
# Every test_*.py below the current folder, run by NBREPLAY_TOOLS_PYTHON: one ctest entry per file,
# named PREFIX.what, so that they run side by side.
function(nbreplay_python_tests prefix label)
  cmake_parse_arguments(arg "" "TIMEOUT" "VARIABLES" ${ARGN})
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}"
    "${CMAKE_CURRENT_SOURCE_DIR}/test_*.py")
  foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME_WE)
    string(REPLACE "test_" "${prefix}." name "${name}")
    add_test(
      NAME "${name}"
      COMMAND "${NBREPLAY_TOOLS_PYTHON}" -m pytest -q -p no:cacheprovider -rs
              "${CMAKE_CURRENT_SOURCE_DIR}/${file}"
      WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties("${name}" PROPERTIES LABELS "${label}" ENVIRONMENT "${arg_VARIABLES}")
    if(arg_TIMEOUT)
      set_tests_properties("${name}" PROPERTIES TIMEOUT "${arg_TIMEOUT}")
    endif()
  endforeach()
endfunction()

# nbreplay_test(NAME [APART] [LABEL label] SOURCES file... [USES module...] [LIBRARIES target...])
#
# A GoogleTest binary; each of its tests becomes a ctest test with the given label, or without one as
# the caller says (nbreplay_tests_of). Unit tests take milliseconds, starting one of them far more: a
# binary of those is one ctest test. The target nbreplay_tests builds all of them and what they run,
# but for those that stand APART.
function(nbreplay_test name)
  cmake_parse_arguments(arg "APART" "LABEL" "SOURCES;USES;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE nbreplay::options GTest::gmock GTest::gtest_main
                                        ${arg_LIBRARIES})
  foreach(used IN LISTS arg_USES)
    target_link_libraries(${name} PRIVATE "nbreplay::${used}")
  endforeach()
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests" "${PROJECT_SOURCE_DIR}/src")
  if(NOT TARGET nbreplay_tests)
    add_custom_target(nbreplay_tests)
  endif()
  if(NOT arg_APART)
    add_dependencies(nbreplay_tests ${name})
  endif()
  if(arg_LABEL STREQUAL "unit")
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS unit)
  elseif(arg_LABEL)
    nbreplay_tests_of(${name} "*" LABELS "${arg_LABEL}")
  endif()
endfunction()

# nbreplay_tests_of(NAME FILTER property value...)
#
# Those tests of a GoogleTest binary that FILTER, GoogleTest's, lets through become ctest tests.
function(nbreplay_tests_of name filter)
  gtest_discover_tests(${name} TEST_FILTER "${filter}" PROPERTIES ${ARGN} DISCOVERY_MODE PRE_TEST)
endfunction()
