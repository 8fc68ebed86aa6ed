# Compiler settings that every target of the project shares: link to nbreplay::options.
add_library(nbreplay_options INTERFACE)
add_library(nbreplay::options ALIAS nbreplay_options)
target_compile_features(nbreplay_options INTERFACE cxx_std_20)
target_compile_options(nbreplay_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 warns of copies inside std::string itself (its bug 105651) when optimising.
  target_compile_options(nbreplay_options INTERFACE -Wno-restrict -Wno-array-bounds
    -Wno-stringop-overread)
endif()
if(NBREPLAY_WERROR)
  target_compile_options(nbreplay_options INTERFACE -Werror)
endif()
target_include_directories(nbreplay_options INTERFACE
  "${PROJECT_SOURCE_DIR}/include" "${PROJECT_BINARY_DIR}/generated")

if(NBREPLAY_SANITIZE)
  target_compile_options(nbreplay_options INTERFACE
    "-fsanitize=${NBREPLAY_SANITIZE}" -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC's own manual: sanitizers cause false warnings of this kind (std::regex has them).
    target_compile_options(nbreplay_options INTERFACE -Wno-maybe-uninitialized)
  endif()
  target_link_options(nbreplay_options INTERFACE "-fsanitize=${NBREPLAY_SANITIZE}")
  # Compilers say so in two ways.
  if(NBREPLAY_SANITIZE MATCHES "address")
    # Null pointers are reported by the address sanitizer as well, and sizes are unknown without
    # optimisation: an eighth of the time to compile for nothing.
    target_compile_options(nbreplay_options INTERFACE -fno-sanitize=null,object-size)
    target_compile_definitions(nbreplay_options INTERFACE NBREPLAY_ADDRESS_SANITIZER)
  endif()
endif()

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# Several files of a target are compiled as one (every preset but `dev` turns it on): half the work, most
# of which is headers and templates. In the preset `dev` each file is compiled alone, where one that
# does not include what it uses fails. Names in anonymous namespaces must differ among files that are
# compiled as one.
set(CMAKE_UNITY_BUILD_BATCH_SIZE 20 CACHE STRING "Files compiled as one with CMAKE_UNITY_BUILD")

find_program(NBREPLAY_CCACHE ccache)
if(NBREPLAY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${NBREPLAY_CCACHE}")
endif()
