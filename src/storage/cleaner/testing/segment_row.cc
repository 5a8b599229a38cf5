#include "storage/cleaner/testing/segment_row.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/batch_view.h"
#include "runtime/file_system.h"
#include "runtime/task.h"
#include "storage/format/file_name.h"
#include "storage/log/segment.h"
#include "storage/log/segment_swap.h"
#include "storage/log/stored_batch.h"

namespace ottla::storage::testing {

SegmentRow::SegmentRow(FileSystem& files, std::string directory)
    : file_system_(files),
      box_(files, {.descriptors = 64, .index_pages = 64}),
      tools_(box_.tools()),
      directory_(std::move(directory)) {}

Task<Result<void>> SegmentRow::add_segment(std::vector<std::vector<std::byte>> batches, Offset base,
                                           std::vector<AbortedTransaction> aborted) {
  OTTLA_CO_CHECK(co_await file_system_.make_directories(directory_, Durability::synced));
  // Among the others before anything can fail, so that close() reaches it.
  Segment* const segment =
      segments_.emplace_back(std::make_unique<Segment>(tools_, directory_, base, log_config_)).get();
  OTTLA_CO_CHECK(co_await segment->create(log_config_));
  OTTLA_CO_CHECK(co_await segment->load_indexes());
  end_ = std::max(end_, base);
  for (const auto& bytes : batches) {
    OTTLA_CO_TRY(const StoredBatch batch, read_stored_batch(bytes, segment->size()));
    OTTLA_CO_CHECK(co_await segment->write(Chain(Slice::copy_of(std::span<const std::byte>(bytes)))));
    segment->note(batch);
    end_ = batch.last_offset + 1;
  }
  for (const AbortedTransaction& one : aborted) segment->transactions().append(one);
  segment->finish();
  OTTLA_CO_CHECK(co_await segment->write_indexes());
  OTTLA_CO_CHECK(co_await segment->sync_log());
  OTTLA_CO_CHECK(co_await segment->sync_indexes());
  co_return co_await file_system_.sync_directory(directory_);
}

Task<Result<void>> SegmentRow::adopt() {
  OTTLA_CO_TRY(const std::vector<DirectoryEntry> entries, co_await file_system_.list(directory_));
  for (const DirectoryEntry& entry : entries) {
    const Result<FileName> name = parse_file_name(entry.name);
    if (!name.ok() || name->kind != FileKind::log || name->stage != FileStage::in_use) continue;
    Segment* const segment =
        segments_.emplace_back(std::make_unique<Segment>(tools_, directory_, name->offset, log_config_))
            .get();
    OTTLA_CO_TRY(const FileStatus status, co_await file_system_.status(segment->log_path()));
    segment->adopt(status.size, status.modified_millis, true);
    OTTLA_CO_TRY(end_, co_await segment->read_next_offset());
  }
  co_return Result<void>();
}

Task<Result<std::vector<std::vector<std::byte>>>> SegmentRow::read() {
  std::vector<std::vector<std::byte>> batches;
  for (const auto& segment : segments_) {
    std::vector<std::byte> bytes(segment->size());
    OTTLA_CO_TRY(const SegmentFiles::Use file, co_await segment->open_log());
    OTTLA_CO_TRY(const std::size_t got, co_await file->read_at(0, bytes));
    bytes.resize(got);
    for (std::span<const std::byte> left(bytes); !left.empty();) {
      OTTLA_CO_TRY(const record::BatchFront front, record::read_front(left));
      const auto batch = left.first(static_cast<std::size_t>(front.size));
      batches.emplace_back(batch.begin(), batch.end());
      left = left.subspan(batch.size());
    }
  }
  co_return batches;
}

std::vector<std::int64_t> SegmentRow::bases() const {
  std::vector<std::int64_t> bases;
  for (const auto& segment : segments_) bases.push_back(segment->base_offset().raw());
  return bases;
}

Task<void> SegmentRow::close() {
  for (const auto& segment : segments_) co_await segment->close_files();
  for (const auto& segment : old_) co_await segment->close_files();
  co_await box_.files().settle();
  co_await box_.close();
}

Task<Result<std::unique_ptr<Segment>>> SegmentRow::create_cleaned(Offset base) {
  auto segment = std::make_unique<Segment>(tools_, directory_, base, log_config_, FileStage::cleaned);
  OTTLA_CO_CHECK(co_await segment->create(log_config_));
  co_return segment;
}

Task<Result<void>> SegmentRow::replace_segments(std::unique_ptr<Segment> cleaned,
                                                std::vector<Segment*> replaced) {
  OTTLA_CO_CHECK(co_await swap_segments(&file_system_, cleaned.get(), replaced));
  std::vector<std::unique_ptr<Segment>> now;
  for (auto& segment : segments_) {
    const bool is_old = std::ranges::find(replaced, segment.get()) != replaced.end();
    if (is_old && cleaned) now.push_back(std::move(cleaned));
    (is_old ? old_ : now).push_back(std::move(segment));
  }
  segments_ = std::move(now);
  // Who reads them still is in their gates.
  for (const auto& segment : old_) OTTLA_CO_CHECK(co_await segment->remove_files());
  co_return Result<void>();
}

}  // namespace ottla::storage::testing
