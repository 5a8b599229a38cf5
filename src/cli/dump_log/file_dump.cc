#include "cli/dump_log/file_dump.h"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "base/result.h"

namespace ottla::cli {

Result<std::int64_t> offset_of(std::string_view file_name) {
  const std::string_view text = file_name.substr(0, file_name.find('.'));
  std::string_view digits = text;
  if (digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
  std::int64_t offset = 0;
  const auto read = std::from_chars(digits.begin(), digits.end(), offset);
  if (read.ec != std::errc() || read.ptr != digits.end()) {
    return Error(
        Errc::malformed,
        fmt::format("{}: the name of such a file begins with an offset, \"{}\" is none", file_name, text));
  }
  return offset;
}

std::string_view file_name_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string sibling(std::string_view path, std::string_view suffix) {
  const std::string_view name = file_name_of(path);
  const std::string_view folder = path.substr(0, path.size() - name.size());
  return fmt::format("{}{}{}", folder, name.substr(0, name.find('.')), suffix);
}

}  // namespace ottla::cli
