# Preludes: headers that almost every source includes (the standard library's, and GoogleTest's for tests), read
# once a preset instead of once a source. Reading them was a third of all compiling.
#
# A prelude is no excuse: every source names what it uses. Headers are verified without a prelude, and the aarch64
# preset compiles every source of the modules without one, so a missing include does not get far.
#
# Preludes are not made with target_precompile_headers: its files hold the place of the build, so that no two
# worktrees could share ccache entries. Here input and output are named relative to the build's folder, and the
# file is the same whoever makes it. That is also why it is made without its time of birth, and why what is
# compiled after all the headers is a file of the system, however short.
option(OTTLA_PRELUDE "Read common headers once" ON)

set(OTTLA_PRELUDE_STANDARD
  algorithm array atomic bit cerrno charconv chrono compare concepts condition_variable coroutine cstddef cstdint
  cstdio cstdlib cstring deque filesystem functional limits map memory mutex new optional random set
  source_location span string string_view system_error thread tuple type_traits unordered_map utility variant
  vector CACHE INTERNAL "headers of every prelude")

# ottla_prelude(NAME [HEADERS header...] [OPTIONS option...] [LIBRARIES library...]): makes the target
# prelude_NAME. Who uses it compiles with just these options, libraries that matter and ottla_flags.
function(ottla_prelude NAME)
  cmake_parse_arguments(ARG "" "" "HEADERS;OPTIONS;LIBRARIES" ${ARGN})
  if(NOT OTTLA_PRELUDE OR TARGET prelude_${NAME})
    return()
  endif()
  set(flags ottla_prelude_flags_${NAME})
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/prelude_flags.cc" CONTENT "")
  add_library(${flags} OBJECT EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/prelude_flags.cc")
  target_link_libraries(${flags} PRIVATE ottla_flags ${ARG_LIBRARIES})
  target_compile_options(${flags} PRIVATE ${ARG_OPTIONS})
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  separate_arguments(type_flags UNIX_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}")
  set(includes "")
  foreach(header IN LISTS OTTLA_PRELUDE_STANDARD ARG_HEADERS)
    list(APPEND includes -include ${header})
  endforeach()
  set(definitions "$<TARGET_PROPERTY:${flags},COMPILE_DEFINITIONS>")
  add_custom_command(
    OUTPUT "${CMAKE_BINARY_DIR}/prelude_${NAME}.pch"
    COMMAND "${CMAKE_CXX_COMPILER}" ${type_flags} "$<TARGET_PROPERTY:${flags},COMPILE_OPTIONS>"
      "$<$<BOOL:${definitions}>:-D$<JOIN:${definitions},;-D>>" ${CMAKE_CXX23_STANDARD_COMPILE_OPTION}
      -fpch-instantiate-templates -Xclang -fno-pch-timestamp
      ${includes} -x c++-header /usr/include/stdc-predef.h -o prelude_${NAME}.pch
    COMMENT "Reading common headers (${NAME})"
    WORKING_DIRECTORY "${CMAKE_BINARY_DIR}"
    COMMAND_EXPAND_LISTS VERBATIM)
  add_custom_target(prelude_${NAME} DEPENDS "${CMAKE_BINARY_DIR}/prelude_${NAME}.pch")
endfunction()

# ottla_use_prelude(TARGET NAME): all sources of TARGET, which are of this folder, begin with prelude NAME.
function(ottla_use_prelude TARGET NAME)
  if(NOT OTTLA_PRELUDE)
    return()
  endif()
  get_target_property(sources ${TARGET} SOURCES)
  set_property(SOURCE ${sources} APPEND PROPERTY OBJECT_DEPENDS "${CMAKE_BINARY_DIR}/prelude_${NAME}.pch")
  add_dependencies(${TARGET} prelude_${NAME})
  target_compile_options(${TARGET} PRIVATE
    "SHELL:-Xclang -include-pch -Xclang prelude_${NAME}.pch")  # the compiler runs in the build's folder
endfunction()
