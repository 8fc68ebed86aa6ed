include(NbreplayPrecompile)

# nbreplay_module(NAME SOURCES file... [USES module...] [LIBRARIES target...] [PRECOMPILE header...])
#
# A module of docs/architecture.md: the static library nbreplay_NAME, alias nbreplay::NAME.
# USES names modules; their public headers and libraries come along. LIBRARIES are third-party
# and stay private to the module. PRECOMPILE: what most of its files include.
function(nbreplay_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;LIBRARIES;PRECOMPILE" ${ARGN})
  set(target "nbreplay_${name}")
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(nbreplay::${name} ALIAS ${target})
  target_link_libraries(${target} PUBLIC nbreplay::options)
  foreach(used IN LISTS arg_USES)
    target_link_libraries(${target} PUBLIC "nbreplay::${used}")
  endforeach()
  target_link_libraries(${target} PRIVATE ${arg_LIBRARIES})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src")
  nbreplay_precompile(${target} ${arg_PRECOMPILE})
endfunction()

# nbreplay_test(NAME [APART] LABEL label SOURCES file... [USES module...] [LIBRARIES target...])
#
# A GoogleTest binary; each of its tests becomes a ctest test with the given label. The target
# nbreplay_tests builds all of them and what they run, but for those that stand APART.
function(nbreplay_test name)
  cmake_parse_arguments(arg "APART" "LABEL" "SOURCES;USES;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE nbreplay::options GTest::gmock GTest::gtest_main
                                        ${arg_LIBRARIES})
  foreach(used IN LISTS arg_USES)
    target_link_libraries(${name} PRIVATE "nbreplay::${used}")
  endforeach()
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests" "${PROJECT_SOURCE_DIR}/src")
  nbreplay_precompile(${name} <gmock/gmock.h> <gtest/gtest.h>)
  if(NOT TARGET nbreplay_tests)
    add_custom_target(nbreplay_tests)
  endif()
  if(NOT arg_APART)
    add_dependencies(nbreplay_tests ${name})
  endif()
  gtest_discover_tests(${name} PROPERTIES LABELS "${arg_LABEL}" DISCOVERY_MODE PRE_TEST)
endfunction()
