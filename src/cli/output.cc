#include "cli/output.h"

#include <cerrno>
#include <cstdio>
#include <string_view>

#include "base/error.h"
#include "base/result.h"

namespace ottla::cli {

Result<> StandardOutput::put(std::string_view text) {
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), file_) == text.size() && std::fflush(file_) == 0) return {};
  if (errno == EPIPE) return Errc::closed;
  return Error::from_errno(errno, "write", "standard output");
}

}  // namespace ottla::cli
