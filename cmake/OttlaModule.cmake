# ottla_module(NAME [DEPENDS module...] [PRIVATE library...])
#
# One library a module, made of every .cc in the folder and its subfolders; *_test.cc become NAME_test and
# *_benchmark.cc become NAME_benchmark. The include root holds one link, so that "NAME/x.h" compiles only
# for modules that link NAME.
function(ottla_module NAME)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PRIVATE;TEST_DEPENDS" ${ARGN})
  set(root "${CMAKE_BINARY_DIR}/roots/${NAME}")
  file(MAKE_DIRECTORY "${root}")
  file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}" "${root}/${NAME}" SYMBOLIC)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "*.cc")
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "*.h")
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(benchmarks ${sources})
  list(FILTER benchmarks INCLUDE REGEX "_benchmark\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_(test|benchmark)\\.cc$")

  list(TRANSFORM ARG_DEPENDS PREPEND "ottla_" OUTPUT_VARIABLE modules)
  list(TRANSFORM ARG_TEST_DEPENDS PREPEND "ottla_" OUTPUT_VARIABLE test_modules)
  add_library(ottla_${NAME} STATIC ${sources})
  target_sources(ottla_${NAME} INTERFACE FILE_SET HEADERS BASE_DIRS "${CMAKE_CURRENT_SOURCE_DIR}" FILES ${headers})
  target_include_directories(ottla_${NAME} PUBLIC "${root}")
  target_link_libraries(ottla_${NAME} PUBLIC ${modules} PRIVATE ottla_flags ${ARG_PRIVATE})

  if(tests)
    add_executable(${NAME}_test ${tests})
    target_link_libraries(${NAME}_test PRIVATE ottla_${NAME} ${test_modules} ottla_flags ${ARG_PRIVATE} GTest::gtest_main GTest::gmock)
    add_test(NAME ${NAME} COMMAND ${NAME}_test)
  endif()
  if(benchmarks AND NOT OTTLA_SANITIZE AND NOT OTTLA_COVERAGE)
    add_executable(${NAME}_benchmark ${benchmarks})
    target_link_libraries(${NAME}_benchmark PRIVATE ottla_${NAME} ${test_modules} ottla_flags ${ARG_PRIVATE} benchmark::benchmark_main)
  endif()
endfunction()
