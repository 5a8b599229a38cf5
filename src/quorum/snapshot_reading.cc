#include "quorum/snapshot_reading.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/mutable_buffer.h"
#include "base/slice.h"
#include "record/batch_view.h"
#include "runtime/file.h"
#include "runtime/file_system.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"

namespace ottla::quorum {
namespace {

constexpr std::size_t kFront = 17;  // up to the magic
// Larger than any batch of metadata; a broken length must not cost more than this.
constexpr std::int64_t kLargestStoredBatch = std::int64_t{256} << 20;

Task<Result<Slice>> read_at(File& file, std::uint64_t at, std::size_t size) {
  MutableBuffer buffer = MutableBuffer::on_heap(size);
  OTTLA_CO_TRY(const std::size_t count, co_await file.read_at(at, buffer.spare().first(size)));
  buffer.commit(count);
  co_return buffer.take_front(count);
}

Task<Result<Slice>> read_batch(File& file, std::uint64_t at) {
  OTTLA_CO_TRY(const Slice front_bytes, co_await read_at(file, at, kFront));
  OTTLA_CO_TRY(const record::BatchFront front, record::read_front(front_bytes.as_span()));
  if (front.size > kLargestStoredBatch) {
    co_return Error(Errc::corrupt, fmt::format("a batch claims to have {} bytes", front.size));
  }
  if (at + static_cast<std::uint64_t>(front.size) > file.size()) {
    co_return Error(Errc::truncated, "it ends within a batch");
  }
  co_return co_await read_at(file, at, static_cast<std::size_t>(front.size));
}

Task<Result<SnapshotFacts>> read_all(File& file, record::CodecPool& codecs, SnapshotVisitor visitor,
                                     bool header_only) {
  SnapshotParser parser(codecs);
  for (std::uint64_t at = 0; at < file.size();) {
    OTTLA_CO_TRY(const Slice bytes, co_await read_batch(file, at));
    OTTLA_CO_TRY(const record::BatchView batch, record::BatchView::first_of(bytes.as_span()));
    OTTLA_CO_TRY(const auto records, parser.take(batch));
    if (visitor && !records.empty()) visitor(records);
    if (header_only) co_return parser.facts();
    at += batch.size();
    if (this_shard().slice_spent()) co_await yield();
  }
  OTTLA_CO_CHECK(parser.finish());
  co_return parser.facts();
}

Task<Result<SnapshotFacts>> read_file(FileSystem& files, std::string path, record::CodecPool& codecs,
                                      SnapshotVisitor visitor, bool header_only) {
  OTTLA_CO_TRY(const std::unique_ptr<File> file, co_await files.open(path, kReadOnly));
  Result<SnapshotFacts> read = co_await read_all(*file, codecs, std::move(visitor), header_only);
  co_await file->close();
  if (read.ok()) co_return read;
  co_return std::move(read).error().with_context(
      path +
      ": this snapshot of the cluster's metadata cannot be read. Nothing was changed. Put back the "
      "file as it was, or, if other controllers are well, format this directory anew and let them "
      "send theirs");
}

}  // namespace

Task<Result<SnapshotFacts>> read_snapshot_file(FileSystem& files, std::string path, record::CodecPool& codecs,
                                               SnapshotVisitor visitor) {
  return read_file(files, std::move(path), codecs, std::move(visitor), false);
}

Task<Result<SnapshotFacts>> read_snapshot_header(FileSystem& files, std::string path,
                                                 record::CodecPool& codecs) {
  return read_file(files, std::move(path), codecs, {}, true);
}

}  // namespace ottla::quorum
