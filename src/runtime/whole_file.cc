#include "runtime/whole_file.h"

#include <memory>
#include <utility>

#include "base/mutable_buffer.h"
#include "runtime/file.h"
#include "runtime/file_system.h"

namespace ottla {
namespace {

constexpr OpenOptions kMadeAnew{
    .access = Access::read_write, .creation = Creation::open_or_create, .truncate = true};

Error too_large(const std::string& path, std::uint64_t size, std::uint64_t max_size) {
  return Error(Errc::too_large, path + " has " + std::to_string(size) + " bytes, where at most " +
                                    std::to_string(max_size) +
                                    " are expected: it is not the file it should be");
}

Task<Result<Slice>> read_all(File& file) {
  MutableBuffer buffer = MutableBuffer::on_heap(file.size());
  OTTLA_CO_TRY(const std::size_t count, co_await file.read_at(0, buffer.spare().first(file.size())));
  buffer.commit(count);
  co_return buffer.take_front(count);
}

Task<Result<void>> write_synced(File& file, Chain bytes) {
  OTTLA_CO_CHECK(co_await file.append(std::move(bytes)));
  co_return co_await file.sync();
}

}  // namespace

Task<Result<Slice>> read_whole_file(FileSystem& files, std::string path, std::uint64_t max_size) {
  OTTLA_CO_TRY(const std::unique_ptr<File> file, co_await files.open(path, kReadOnly));
  Result<Slice> bytes = file->size() > max_size ? Result<Slice>(too_large(path, file->size(), max_size))
                                                : Result<Slice>(Slice());
  if (bytes.ok() && file->size() > 0) {
    bytes = co_await read_all(*file);
    if (!bytes.ok()) bytes = Error(bytes.error()).with_context("read " + path);
  }
  co_await file->close();
  co_return bytes;
}

Task<Result<void>> write_whole_file(FileSystem& files, std::string path, Chain bytes) {
  OTTLA_CO_TRY(const std::unique_ptr<File> file, co_await files.open(std::move(path), kMadeAnew));
  const Result<std::uint64_t> written = co_await file->append(std::move(bytes));
  co_await file->close();
  if (!written.ok()) co_return written.error();
  co_return Result<void>();
}

Task<Result<void>> replace_file(FileSystem& files, std::string path, Chain bytes) {
  const std::string fresh = path + ".tmp";
  OTTLA_CO_TRY(const std::unique_ptr<File> file, co_await files.open(fresh, kMadeAnew));
  Result<void> written = co_await write_synced(*file, std::move(bytes));
  co_await file->close();
  if (!written.ok()) co_return Error(written.error()).with_context("write " + fresh);
  co_return co_await files.rename(fresh, std::move(path), Durability::synced);
}

}  // namespace ottla
