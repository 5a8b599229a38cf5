// Where a header says that it is.
#pragma once

namespace ottla::toolchain {

inline const char* place_of_header() {
  return __FILE__;
}

}  // namespace ottla::toolchain
