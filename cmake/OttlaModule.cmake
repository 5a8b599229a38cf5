# ottla_module(NAME [DEPENDS module...] [PRIVATE library...] [TEST_DEPENDS module...])
#
# One library a module, made of every .cc in the folder and its subfolders. *_test.cc become NAME_test and
# *_benchmark.cc become NAME_benchmark; a main.cc is left to the module's own CMakeLists.txt. DEPENDS are modules
# on lower floors; PRIVATE are other libraries.
#
# The include root of a module is a folder that holds one link (roots/NAME/NAME -> src/NAME), so that
# "NAME/x.h" compiles only for modules that link NAME, and no header is found without its module's name.

set(OTTLA_FLOORS_FILE "${CMAKE_CURRENT_LIST_DIR}/floors.txt" CACHE INTERNAL "module -> floor")

# Sets OUT to the floor of module NAME; a module that is not in the table has no place in the house.
function(ottla_floor NAME OUT)
  file(STRINGS "${OTTLA_FLOORS_FILE}" line REGEX "^[0-9]+ ${NAME}$")
  if(NOT line)
    message(FATAL_ERROR "module '${NAME}' has no floor: add it to ${OTTLA_FLOORS_FILE}")
  endif()
  string(REGEX REPLACE " .*" "" floor "${line}")
  set(${OUT} ${floor} PARENT_SCOPE)
endfunction()

# ottla_include_root(TARGET KEYWORD NAME DIRECTORY): who links TARGET sees DIRECTORY as NAME/, through a
# folder that holds one link; in objects its headers go by their place in the repository.
function(ottla_include_root TARGET KEYWORD NAME DIRECTORY)
  set(root "${CMAKE_BINARY_DIR}/roots/${NAME}")
  file(MAKE_DIRECTORY "${root}")
  file(CREATE_LINK "${DIRECTORY}" "${root}/${NAME}" SYMBOLIC)
  file(RELATIVE_PATH place "${CMAKE_SOURCE_DIR}" "${DIRECTORY}")
  target_include_directories(${TARGET} ${KEYWORD} "${root}")
  target_compile_options(${TARGET} ${KEYWORD}
    "-ffile-prefix-map=${root}/${NAME}/=${place}/" "-ffile-prefix-map=roots/${NAME}/${NAME}/=${place}/")
endfunction()

# Sets OUT to whether a source beside the header includes it before all else, and so compiles it alone.
function(ottla_stands_first HEADER NAME PATH OUT)
  set(${OUT} FALSE PARENT_SCOPE)
  string(REGEX REPLACE "\\.h$" "" stem "${HEADER}")
  foreach(source "${stem}.cc" "${stem}_test.cc")
    if(EXISTS "${source}")
      file(STRINGS "${source}" first REGEX "^#include" LIMIT_COUNT 1)
      if(first STREQUAL "#include \"${NAME}/${PATH}\"")
        set(${OUT} TRUE PARENT_SCOPE)
      endif()
    endif()
  endforeach()
endfunction()

# Target NAME_headers compiles alone, with all warnings, each header that no source includes first. Not part of
# `all`.
function(ottla_verify_headers NAME)
  set(units "")
  foreach(header IN LISTS ARGN)
    file(RELATIVE_PATH path "${CMAKE_CURRENT_SOURCE_DIR}" "${header}")
    ottla_stands_first("${header}" ${NAME} "${path}" first)
    if(NOT first)
      set(unit "${CMAKE_BINARY_DIR}/headers/${NAME}/${path}.cc")
      file(CONFIGURE OUTPUT "${unit}" CONTENT "#include \"${NAME}/${path}\"\n#include \"${NAME}/${path}\"\n")
      list(APPEND units "${unit}")
    endif()
  endforeach()
  if(NOT TARGET headers)
    add_custom_target(headers)
  endif()
  if(units)
    add_library(${NAME}_headers OBJECT EXCLUDE_FROM_ALL ${units})
    target_link_libraries(${NAME}_headers PRIVATE ottla_${NAME} ottla_flags)
    add_dependencies(headers ${NAME}_headers)
  endif()
endfunction()

include("${CMAKE_CURRENT_LIST_DIR}/OttlaPrelude.cmake")
ottla_prelude(plain)

# What fuzz targets run tells the fuzzer where it has been. OTTLA_FUZZED_MODULES are the modules that the first lines
# of fuzz/*_fuzz.cc name; the others are spared, which makes them and their tests faster.
set(OTTLA_FUZZED_OPTIONS -fsanitize=fuzzer-no-link CACHE INTERNAL "flags of what fuzz targets run")
if(OTTLA_FUZZ)
  ottla_prelude(fuzzed OPTIONS ${OTTLA_FUZZED_OPTIONS})
  file(GLOB targets CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/fuzz/*_fuzz.cc")
  set(names "")
  foreach(target IN LISTS targets)
    file(STRINGS "${target}" first LIMIT_COUNT 1)
    string(REGEX REPLACE "^// fuzz:" "" first "${first}")
    separate_arguments(first)
    list(APPEND names ${first})
  endforeach()
  list(REMOVE_DUPLICATES names)
  list(REMOVE_ITEM names sim)  # the world around what is tried
  set(OTTLA_FUZZED_MODULES "${names}" CACHE INTERNAL "modules that fuzz targets link")
endif()

function(ottla_module NAME)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PRIVATE;TEST_DEPENDS" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "ottla_module(${NAME}): what is '${ARG_UNPARSED_ARGUMENTS}'?")
  endif()
  ottla_floor(${NAME} floor)
  foreach(other IN LISTS ARG_DEPENDS)
    ottla_floor(${other} other_floor)
    if(NOT other_floor LESS floor)
      message(FATAL_ERROR
        "module '${NAME}' (floor ${floor}) may not depend on '${other}' (floor ${other_floor}): "
        "a module uses lower floors only, never sideways, never up")
    endif()
  endforeach()

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "*.cc")
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "*.h")
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(benchmarks ${sources})
  list(FILTER benchmarks INCLUDE REGEX "_benchmark\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|_benchmark|/main)\\.cc$")

  list(TRANSFORM ARG_DEPENDS PREPEND "ottla_" OUTPUT_VARIABLE modules)
  list(TRANSFORM ARG_TEST_DEPENDS PREPEND "ottla_" OUTPUT_VARIABLE test_modules)
  if(sources)
    add_library(ottla_${NAME} STATIC ${sources})
    ottla_include_root(ottla_${NAME} PUBLIC ${NAME} "${CMAKE_CURRENT_SOURCE_DIR}")
    target_link_libraries(ottla_${NAME} PUBLIC ${modules} PRIVATE ottla_flags ${ARG_PRIVATE})
    if(OTTLA_FUZZ AND NAME IN_LIST OTTLA_FUZZED_MODULES)
      target_compile_options(ottla_${NAME} PRIVATE ${OTTLA_FUZZED_OPTIONS})
      ottla_use_prelude(ottla_${NAME} fuzzed)
    else()
      ottla_use_prelude(ottla_${NAME} plain)
    endif()
  else()
    add_library(ottla_${NAME} INTERFACE)
    ottla_include_root(ottla_${NAME} INTERFACE ${NAME} "${CMAKE_CURRENT_SOURCE_DIR}")
    target_link_libraries(ottla_${NAME} INTERFACE ${modules})
  endif()
  set_property(GLOBAL APPEND PROPERTY OTTLA_MODULES ottla_${NAME})
  ottla_verify_headers(${NAME} ${headers})

  if(CMAKE_CROSSCOMPILING)
    return()
  endif()
  if(tests)
    ottla_test(${NAME}_test SOURCES ${tests} DEPENDS ${NAME} ${ARG_TEST_DEPENDS} PRIVATE ${ARG_PRIVATE})
  endif()
  if(benchmarks AND NOT OTTLA_SANITIZE AND NOT OTTLA_COVERAGE)
    add_executable(${NAME}_benchmark ${benchmarks})
    target_link_libraries(${NAME}_benchmark PRIVATE
      ottla_${NAME} ${test_modules} ottla_flags ${ARG_PRIVATE} benchmark::benchmark_main)
    ottla_use_prelude(${NAME}_benchmark plain)
  endif()
endfunction()

# Compiling tests is most of CI's work. Their own sources are not optimised and in release carry no line numbers;
# the modules that they test are built as always.
set(OTTLA_TEST_OPTIONS -O0 $<$<CONFIG:RelWithDebInfo>:-g0> CACHE INTERNAL "flags of tests' own sources")

# ottla_test(TARGET SOURCES file... DEPENDS module... [PRIVATE library...]): one GoogleTest program, which
# `./dev test` runs in every preset that runs unit tests.
function(ottla_test TARGET)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  list(TRANSFORM ARG_DEPENDS PREPEND "ottla_" OUTPUT_VARIABLE modules)
  add_executable(${TARGET} ${ARG_SOURCES})
  target_link_libraries(${TARGET} PRIVATE
    ${modules} ottla_flags ${ARG_PRIVATE} GTest::gtest_main GTest::gmock)
  target_compile_options(${TARGET} PRIVATE ${OTTLA_TEST_OPTIONS})
  ottla_prelude(tests HEADERS gmock/gmock.h gtest/gtest.h OPTIONS ${OTTLA_TEST_OPTIONS} LIBRARIES GTest::gmock)
  ottla_use_prelude(${TARGET} tests)
  set_target_properties(${TARGET} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  add_test(NAME ${TARGET} COMMAND ${TARGET} WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
endfunction()

# ottla_fuzz(NAME source DEPENDS module...): one libFuzzer program; only where the objects are instrumented.
function(ottla_fuzz NAME SOURCE)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  list(TRANSFORM ARG_DEPENDS PREPEND "ottla_" OUTPUT_VARIABLE modules)
  add_executable(${NAME} "${SOURCE}")
  target_link_libraries(${NAME} PRIVATE ${modules} ottla_flags fmt::fmt)
  target_compile_options(${NAME} PRIVATE ${OTTLA_FUZZED_OPTIONS})
  ottla_use_prelude(${NAME} fuzzed)
  target_link_options(${NAME} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz")
endfunction()
