# Third-party libraries when compiling for another processor: headers only. Debian's headers serve every
# processor except OpenSSL's configuration.h, which is in a folder of its own; so objects compile, and
# programs are not linked (that would take the other processor's libraries).
set(multiarch "${CMAKE_BINARY_DIR}/multiarch")
file(MAKE_DIRECTORY "${multiarch}")
file(CREATE_LINK "/usr/include/${CMAKE_HOST_SYSTEM_PROCESSOR}-linux-gnu/openssl" "${multiarch}/openssl" SYMBOLIC)
foreach(library Threads::Threads fmt::fmt OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB Ottla::lz4 Ottla::snappy
    Ottla::zstd nlohmann_json::nlohmann_json)
  add_library(${library} INTERFACE IMPORTED)
endforeach()
target_include_directories(OpenSSL::Crypto SYSTEM INTERFACE "${multiarch}")
target_link_libraries(OpenSSL::SSL INTERFACE OpenSSL::Crypto)
add_compile_options(-O0 -g0)  # nobody runs these objects
