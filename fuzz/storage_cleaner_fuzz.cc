// fuzz: base record runtime sim storage
// Any bytes as a segment that is checked bit by bit, split, and compacted with all that is known of its log. The first
// byte says how (bit 0: checksums are left as they are; bit 1: tombstones and markers may go; bit 2: small chunks and a
// small map; bit 3: an old clean end; bit 4: a producer is active; bit 5: largest records are small).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/crc32.h"
#include "base/crc32c.h"
#include "base/endian.h"
#include "base/invariant.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/batch_layout.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/whole_file.h"
#include "sim/testing/one_life.h"
#include "storage/cleaner/clean_plan.h"
#include "storage/cleaner/log_cleaning.h"
#include "storage/cleaner/testing/segment_row.h"
#include "storage/io_pace.h"
#include "storage/log/batch_order.h"
#include "storage/log/log_toolbox.h"
#include "storage/log/segment.h"
#include "storage/log/segment_split.h"
#include "storage/log/stored_batch.h"
#include "storage/scrub/segment_check.h"

namespace ottla::storage {
namespace {

constexpr std::size_t kLegacyCrcAt = 12;
constexpr std::uint64_t kMostRead = SegmentCheck::kLeast;
constexpr Offset kSomeEnd{1000};

struct How {
  bool is_unmended = false;
  bool all_may_go = false;
  bool is_small = false;
  bool was_cleaned = false;
  bool has_producer = false;
  bool has_small_records = false;
};

// Gives each batch that can be told from the next one the checksum of what it has: without it nothing would get far.
void mend(std::string& bytes) {
  auto left = std::as_writable_bytes(std::span(bytes));
  while (left.size() > record::kUpToMagic) {
    const auto header = read_stored_batch(left, 0);
    if (!header.ok() || header->size > left.size()) return;
    const auto batch = left.first(static_cast<std::size_t>(header->size));
    if (header->magic == record::kMagic) {
      store_big_endian(batch.data() + record::kCrcAt, crc32c(batch.subspan(record::kAttributesAt)));
    } else {
      store_big_endian(batch.data() + kLegacyCrcAt, crc32(batch.subspan(record::kMagicAt)));
    }
    left = left.subspan(batch.size());
  }
}

// Every byte is looked at once, and what it says of itself lies in the segment.
Task<void> check(Segment& segment, Offset end) {
  SegmentFiles::Use file = (co_await segment.open_log()).value();
  SegmentCheck check(file->range(0, segment.size()), end, {.position = 0, .next = segment.base_offset()});
  std::vector<BadBatch> bad;
  std::uint64_t looked_at = 0;
  while (!check.done()) {
    const Result<std::uint64_t> more = co_await check.advance(kMostRead, bad);
    OTTLA_INVARIANT(more.ok() && *more > 0, "a check does not go on");
    looked_at += *more;
  }
  OTTLA_INVARIANT(looked_at == segment.size(), "another number of bytes was checked", looked_at,
                  segment.size());
  std::uint64_t behind = 0;
  for (const BadBatch& each : bad) {
    OTTLA_INVARIANT(
        each.position >= behind && each.size <= segment.size() - each.position && !each.why.empty(),
        "a bad batch that is nowhere", each.position, each.size);
    behind = each.position + each.size;
  }
}

std::string directory_of(const char* name) {
  return std::string("/") + name + "-0";
}

Task<void> lay(FileSystem& files, const std::string& directory, const std::string& bytes) {
  (void)co_await files.make_directories(directory);
  for (const char* const kind : {".log", ".index", ".timeindex"}) {
    const std::string path = directory + "/00000000000000000000" + kind;
    const Slice content = Slice::copy_of(kind == std::string_view(".log") ? bytes : std::string());
    OTTLA_INVARIANT((co_await replace_file(files, path, content)).ok(), "no file");
  }
}

Task<void> check_and_split(FileSystem& files, std::string bytes) {
  LogToolbox box(files, {.descriptors = 64, .index_pages = 16, .recent_bytes = 0});
  const LogTools tools = box.tools();
  const std::string directory = directory_of("split");
  co_await lay(files, directory, bytes);
  Segment old(tools, directory, Offset(0), {});
  old.adopt(bytes.size(), 0, false);
  co_await check(old, kSomeEnd);
  const Result<void> done = co_await split_segment(tools, {}, old);
  OTTLA_INVARIANT(done.ok() || done.error() == Errc::corrupt || done.error() == Errc::too_large,
                  "an odd answer to odd bytes");
  co_await old.close_files();
  co_await box.files().settle();
  co_await box.close();
}

// Whatever it is, cleaning ends; what it leaves are batches that all can read, and no more bytes than before.
Task<void> clean(FileSystem& files, std::string bytes, How how) {
  co_await lay(files, directory_of("clean"), bytes);
  testing::SegmentRow row(files, directory_of("clean"));
  if (!(co_await row.adopt()).ok() || row.log_end() >= Offset(std::int64_t{1} << 40) ||
      !(co_await row.add_segment({}, row.log_end())).ok()) {
    co_return co_await row.close();
  }
  row.config.delete_retention = std::chrono::milliseconds(how.all_may_go ? 0 : 1000);
  row.config.min_cleanable_ratio = 0;
  if (how.has_small_records) row.config.max_record_bytes = 1000;
  if (how.has_producer) row.producers[1] = {.last_data_offset = row.log_end() - 1, .epoch = 0};
  IoPace pace;
  const CleaningTools tools{.files = &files,
                            .throttle = &pace,
                            .map = {.memory = OffsetMap::kEntrySize * (how.is_small ? 16U : 4096U)},
                            .io_buffer_size = how.is_small ? 64U : 64U << 10};
  const std::optional<Offset> cleaned =
      how.was_cleaned ? std::optional(Offset(row.log_end().raw() / 2)) : std::nullopt;
  const Result<LogFacts> facts = co_await gather_facts(row, cleaned);
  if (facts.ok()) {
    const CleaningPlan plan = plan_cleaning(*facts, 1000);
    LogCleaning cleaning(row, plan, tools);
    const Result<CleaningOutcome> outcome = co_await cleaning.run(1'000'000, {});
    if (outcome.ok()) {
      OTTLA_INVARIANT(outcome->end <= row.log_end(), "more was cleaned than there is");
      const auto batches = co_await row.read();
      OTTLA_INVARIANT(batches.ok(), "what was cleaned cannot be read");
      BatchOrder order(Offset(0), row.log_end());
      for (const auto& batch : *batches) {
        const auto header = read_stored_batch(batch, 0);
        OTTLA_INVARIANT(header.ok() && checksum_holds(batch, header->magic), "a bad batch was written");
        OTTLA_INVARIANT(order.fits(header->base_offset, header->last_offset), "batches are out of order");
        order.pass(header->last_offset);
      }
    }
  }
  co_await row.close();
}

Task<int> live(std::string bytes, How how) {
  FileSystem& files = this_shard().files();
  co_await check_and_split(files, bytes);
  co_await clean(files, std::move(bytes), how);
  co_return 0;
}

}  // namespace
}  // namespace ottla::storage

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ottla;
  using namespace ottla::storage;
  if (size < 1) return 0;
  const How how{.is_unmended = (data[0] & 1) != 0,
                .all_may_go = (data[0] & 2) != 0,
                .is_small = (data[0] & 4) != 0,
                .was_cleaned = (data[0] & 8) != 0,
                .has_producer = (data[0] & 16) != 0,
                .has_small_records = (data[0] & 32) != 0};
  std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (!how.is_unmended) mend(bytes);
  sim::testing::live_once([&](Process&, Cancel) { return live(bytes, how); });
  return 0;
}
