# Precompiled headers: what nearly every file of a target includes is parsed once. They cost a target
# some seconds and save each of its files one or two, so small targets have none. Off in the preset
# `dev`, where a file that does not include what it uses must not compile.
#
# Headers of the project are not among them: ccache hands a precompiled header on to another clone,
# where files have other times, and GCC then takes `#pragma once` for that of another file.
option(NBREPLAY_PRECOMPILE "Precompile the headers that most files include" ON)

# nbreplay_precompile(TARGET header...): the given headers besides the common ones.
function(nbreplay_precompile target)
  get_target_property(sources ${target} SOURCES)
  list(LENGTH sources count)
  if(NBREPLAY_PRECOMPILE AND count GREATER_EQUAL 5)
    target_precompile_headers(${target} PRIVATE
      <algorithm> <array> <functional> <map> <memory> <optional> <set> <string> <string_view>
      <utility> <vector> ${ARGN})
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
      # What headers instantiate is compiled with them; and no times, which ccache would trip over.
      target_compile_options(${target} PRIVATE -fpch-instantiate-templates
        "SHELL:-Xclang -fno-pch-timestamp")
    endif()
  endif()
endfunction()
