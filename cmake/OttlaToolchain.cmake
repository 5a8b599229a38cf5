# The one compiler, its flags and its linker.

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR
    "Ottla builds with clang 19 or later, not with ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}: "
    "g++ 12 miscompiles coroutines (aggregate temporaries as arguments, co_await inside ?: and braces). "
    "Run './dev setup', then './dev build'.")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
add_compile_options(-fPIE)  # also libraries, which are all static: one prelude serves both

set(OTTLA_SANITIZE "" CACHE STRING "Sanitizers to build with (address,undefined or thread)")
option(OTTLA_FUZZ "Build the fuzz targets and instrument the modules for them" OFF)
option(OTTLA_COVERAGE "Build with source-based coverage" OFF)

add_library(ottla_flags INTERFACE)
target_compile_options(ottla_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wimplicit-fallthrough -Wunused -Wextra-semi
  -fno-omit-frame-pointer -fstrict-aliasing)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  # Every machine since 2009; faster code is chosen at run time.
  target_compile_options(ottla_flags INTERFACE -march=x86-64-v2)
endif()
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -D_GLIBCXX_ASSERTIONS")
add_link_options(-fuse-ld=mold -Wl,--as-needed)

# Names of files in objects are relative to the repository, whoever builds it and wherever: __FILE__ and
# source_location read "src/base/error.cc", and worktrees share each other's ccache entries. ccache turns
# absolute paths into relative ones first, so both forms are mapped.
file(RELATIVE_PATH back "${CMAKE_BINARY_DIR}" "${CMAKE_SOURCE_DIR}")
add_compile_options(
  "-ffile-compilation-dir=."
  "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=" "-ffile-prefix-map=${back}=")

if(OTTLA_SANITIZE)
  add_compile_options(-fsanitize=${OTTLA_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${OTTLA_SANITIZE})
endif()
if(OTTLA_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate -fcoverage-mapping)
endif()

if(CMAKE_CROSSCOMPILING)
  include(OttlaCross)
else()
  find_package(Threads REQUIRED)
  find_package(fmt REQUIRED)
  find_package(OpenSSL REQUIRED)
  find_package(ZLIB REQUIRED)
  # Debian describes each of these in another way, and lz4 in none for CMake.
  foreach(codec lz4 snappy zstd)
    find_library(${codec}_LIBRARY NAMES ${codec} REQUIRED)
    add_library(Ottla::${codec} UNKNOWN IMPORTED)
    set_target_properties(Ottla::${codec} PROPERTIES IMPORTED_LOCATION "${${codec}_LIBRARY}")
  endforeach()
  find_package(nlohmann_json REQUIRED)
  find_package(GTest REQUIRED)
  find_package(benchmark REQUIRED)
endif()
