#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "base/slice.h"
#include "cli/dump_log/file_dump.h"
#include "cli/dump_log/file_window.h"
#include "runtime/file.h"
#include "runtime/file_system.h"
#include "runtime/task.h"
#include "runtime/whole_file.h"
#include "storage/format/index_entry.h"
#include "storage/format/producer_snapshot.h"

namespace ottla::cli {
namespace {

// Room for five million producers.
constexpr std::uint64_t kMostSnapshot = std::uint64_t{256} << 20;

Task<Result<>> dump_aborted(DumpParts& parts, File& file) {
  FileWindow window(file);
  constexpr std::size_t kSize = storage::AbortedTransaction::kSize;
  for (std::uint64_t at = 0; at + kSize <= file.size() && !parts.report.stopped(); at += kSize) {
    OTTLA_CO_TRY(const std::span<const std::byte> bytes, co_await window.read(at, kSize));
    auto entry = storage::load_aborted_transaction(bytes.data());
    if (!entry.ok()) co_return std::move(entry).error().with_context(fmt::format("the entry at {}", at));
    parts.report.aborted(*entry);
  }
  co_return Result<>();
}

}  // namespace

Task<Result<>> dump_transaction_index(DumpParts& parts, std::string path) {
  OTTLA_CO_CHECK(offset_of(file_name_of(path)));
  auto file = co_await parts.files.open(path, kReadOnly);
  // A segment in which no transaction was aborted has no such file.
  if (!file.ok() && file.error().code() == Errc::not_found) co_return Result<>();
  if (!file.ok()) co_return std::move(file).error();
  Result<> done = co_await dump_aborted(parts, **file);
  co_await (*file)->close();
  if (!done.ok()) co_return std::move(done).error().with_context(path);
  co_return done;
}

Task<Result<>> dump_producer_snapshot(DumpParts& parts, std::string path) {
  OTTLA_CO_TRY(const Slice bytes, co_await read_whole_file(parts.files, path, kMostSnapshot));
  auto snapshot = storage::SnapshotReader::open(bytes.as_span());
  if (!snapshot.ok()) {
    // Not the end of the run: the reference goes on to the next file, too.
    parts.report.problem(std::move(snapshot).error().with_context(path));
    co_return Result<>();
  }
  while (const std::optional<storage::ProducerSnapshotEntry> entry = snapshot->next()) {
    if (parts.report.stopped()) break;
    parts.report.producer(*entry);
  }
  co_return Result<>();
}

}  // namespace ottla::cli
