#include "storage/format/file_name.h"

#include <fmt/format.h>

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/text_lines.h"

namespace ottla::storage {
namespace {

constexpr std::string_view kKinds[] = {".log", ".index", ".timeindex", ".txnindex", ".snapshot"};
constexpr std::string_view kStages[] = {"", ".deleted", ".cleaned", ".swap"};

// The stage at the end of a name, which is taken off.
FileStage take_stage(std::string_view& name) {
  for (std::size_t each = 1; each < std::size(kStages); ++each) {
    if (name.ends_with(kStages[each])) {
      name.remove_suffix(kStages[each].size());
      return static_cast<FileStage>(each);
    }
  }
  return FileStage::in_use;
}

}  // namespace

std::string_view suffix_of(FileKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}
std::string_view suffix_of(FileStage stage) {
  return kStages[static_cast<std::size_t>(stage)];
}

std::string to_string(const FileName& name) {
  return fmt::format("{:020}{}{}", name.offset.raw(), suffix_of(name.kind), suffix_of(name.stage));
}

Result<FileName> parse_file_name(std::string_view name) {
  std::string_view left = name;
  FileName parsed{.offset = {}, .kind = {}, .stage = take_stage(left)};
  while (take_stage(left) != FileStage::in_use) {
  }
  const std::size_t dot = left.find('.');
  if (dot == std::string_view::npos) return Errc::not_found;
  for (std::size_t kind = 0; kind < std::size(kKinds); ++kind) {
    if (!left.ends_with(kKinds[kind])) continue;
    const auto offset = parse_int64(left.substr(0, dot));
    if (!offset || *offset < 0 || left.substr(dot) != kKinds[kind]) {
      return Error(Errc::malformed,
                   fmt::format("a file named {}, which begins with no offset: move it out of the "
                               "partition's directory",
                               shown(name)));
    }
    parsed.offset = Offset(*offset);
    parsed.kind = static_cast<FileKind>(kind);
    return parsed;
  }
  return Errc::not_found;
}

}  // namespace ottla::storage
