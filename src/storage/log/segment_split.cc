#include "storage/log/segment_split.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <ranges>
#include <utility>

#include "base/chain.h"
#include "base/slice.h"
#include "runtime/file_system.h"
#include "storage/log/segment_scan.h"

namespace ottla::storage {
namespace {

constexpr std::uint64_t kWriteAt = std::uint64_t{1} << 20;

class Split {
 public:
  Split(const LogTools& tools, const LogConfig& config, Segment& old)
      : tools_(tools), config_(config), old_(old) {
    config_.preallocate = false;  // they become as large as what is left
  }

  Task<Result<void>> run() {
    Result<void> done = co_await write_pieces();
    if (done.ok()) done = co_await take_place();
    for (const std::unique_ptr<Segment>& piece : pieces_) co_await piece->close_files();
    co_return done;
  }

 private:
  Task<Result<void>> write_pieces() {
    OTTLA_CO_TRY(const SegmentFiles::Use log, co_await old_.open_log());
    SegmentScan scan(*log, 0, old_.size());
    while (true) {
      Result<std::optional<SegmentScan::Batch>> batch = co_await scan.next();
      if (batch.ok() && *batch && (*batch)->is_damaged()) {
        batch =
            Error(Errc::corrupt, "the checksum of a large batch of " + old_.log_path() + " does not hold");
      }
      const bool is_cut = !batch.ok() && batch.error() == Errc::corrupt && !pieces_.empty();
      if (!batch.ok() && !is_cut) co_return batch.error();
      if (is_cut || !*batch) break;
      OTTLA_CO_CHECK(co_await take(**batch));
    }
    co_return co_await finish();
  }

  Task<Result<void>> take(const SegmentScan::Batch& batch) {
    const bool fits =
        !pieces_.empty() && pieces_.back()->can_hold(batch.header.last_offset) &&
        size_ + batch.header.size <= static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max());
    if (!fits) OTTLA_CO_CHECK(co_await begin(batch.header.base_offset));
    StoredBatch moved = batch.header;
    moved.position = size_;
    size_ += moved.size;
    batches_.push_back(moved);
    bytes_.append(Slice::copy_of(batch.bytes));
    if (bytes_.size() >= kWriteAt) OTTLA_CO_CHECK(co_await write_out());
    co_return Result<void>();
  }

  Task<Result<void>> begin(Offset base) {
    OTTLA_CO_CHECK(co_await finish());
    pieces_.push_back(
        std::make_unique<Segment>(tools_, old_.name().directory(), base, config_, FileStage::cleaned));
    size_ = 0;
    co_return co_await pieces_.back()->create(config_);
  }

  Task<Result<void>> write_out() {
    if (bytes_.empty()) co_return Result<void>();
    OTTLA_CO_CHECK(co_await pieces_.back()->write(std::exchange(bytes_, Chain())));
    for (const StoredBatch& batch : batches_) pieces_.back()->note(batch);
    batches_.clear();
    co_return Result<void>();
  }

  // The piece that was written last is whole and durable.
  Task<Result<void>> finish() {
    if (pieces_.empty()) co_return Result<void>();
    OTTLA_CO_CHECK(co_await write_out());
    pieces_.back()->finish();
    OTTLA_CO_CHECK(co_await pieces_.back()->sync_log());
    co_return co_await pieces_.back()->sync_indexes();
  }

  Task<Result<void>> take_place() {
    FileSystem& files = *tools_.file_system;
    const std::string directory = old_.name().directory();
    OTTLA_CO_CHECK(co_await files.sync_directory(directory));
    for (const std::unique_ptr<Segment>& piece : pieces_ | std::views::reverse) {
      OTTLA_CO_CHECK(co_await piece->rename(FileStage::swap));
      // As long as one that is not whole may come back before it, a swap does not count.
      OTTLA_CO_CHECK(co_await files.sync_directory(directory));
    }
    OTTLA_CO_CHECK(co_await old_.rename(FileStage::deleted));
    OTTLA_CO_CHECK(co_await files.sync_directory(directory));
    for (const std::unique_ptr<Segment>& piece : pieces_) {
      OTTLA_CO_CHECK(co_await piece->rename(FileStage::in_use));
    }
    OTTLA_CO_CHECK(co_await files.sync_directory(directory));
    co_await old_.close_files();
    co_return co_await old_.remove_files();
  }

  const LogTools& tools_;
  LogConfig config_;
  Segment& old_;
  std::vector<std::unique_ptr<Segment>> pieces_;
  std::uint64_t size_ = 0;  // of the last one, with what is not written yet
  Chain bytes_;             // not written yet
  std::vector<StoredBatch> batches_;
};

}  // namespace

Task<Result<void>> split_segment(const LogTools& tools, LogConfig config, Segment& old) {
  Split split(tools, config, old);
  co_return co_await split.run();
}

}  // namespace ottla::storage
