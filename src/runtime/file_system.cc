#include "runtime/file_system.h"

#include <span>
#include <utility>

namespace ottla {
namespace {

// Nothing where they cannot be read: who needs them will ask, and be told why.
Task<std::optional<std::string>> bytes_of(FileSystem& files, std::string path, std::uint64_t size) {
  Result<std::unique_ptr<File>> file = co_await files.open(std::move(path), kReadOnly);
  if (!file.ok()) co_return std::nullopt;
  std::string bytes(size, '\0');
  const Result<std::size_t> got = co_await (*file)->read_at(0, std::as_writable_bytes(std::span(bytes)));
  const bool is_whole = got.ok() && *got == size && (*file)->size() == size;
  co_await (*file)->close();
  if (!is_whole) co_return std::nullopt;
  co_return bytes;
}

}  // namespace

Task<Result<std::vector<SeenEntry>>> FileSystem::look_into(std::string path, LookTerms terms) {
  OTTLA_CO_TRY(const std::vector<DirectoryEntry> entries, co_await list(path));
  std::vector<SeenEntry> seen;
  for (const DirectoryEntry& entry : entries) {
    const std::string name = path + '/' + entry.name;
    const Result<FileStatus> found = co_await status(name);
    if (!found.ok() && found.error() == Errc::not_found) continue;
    if (!found.ok()) co_return found.error();
    SeenEntry& here = seen.emplace_back(SeenEntry{.name = entry.name, .status = *found});
    if (found->is_directory || found->size > terms.largest) continue;
    if (terms.wants == nullptr || !terms.wants(entry.name)) continue;
    here.bytes = co_await bytes_of(*this, name, found->size);
  }
  co_return seen;
}

}  // namespace ottla
