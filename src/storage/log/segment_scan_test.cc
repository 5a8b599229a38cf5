// Large batches, and lengths that rotted: what is held of a segment while it is read.
#include "storage/log/segment_scan.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/endian.h"
#include "base/offset.h"
#include "record/batch_builder.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "runtime/file_system.h"
#include "runtime/testing/passing_doors.h"
#include "sim/world.h"
#include "storage/cleaner/batch_chunks.h"

namespace ottla::storage {
namespace {

std::string batch_of(std::int64_t base, std::size_t bytes) {
  record::BatchBuilder builder({.base_offset = Offset(base)});
  const std::string value(bytes, static_cast<char>('a' + base % 26));
  builder.append({.timestamp = 1, .value = std::as_bytes(std::span(value))});
  const Slice batch = std::move(builder).finish();
  return std::string(batch.as_string_view());
}

// The largest single read tells how large a buffer was made for it.
class Measured final : public ottla::testing::PassingFile {
 public:
  using PassingFile::PassingFile;
  std::size_t largest = 0;

  Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<std::byte> into) override {
    largest = std::max(largest, into.size());
    return inner().read_at(offset, into);
  }
};

constexpr std::size_t kLarge = std::size_t{3} << 20;

struct Story {
  std::string told;
  std::size_t largest = 0;
};

// "0 1 damaged 3", and "corrupt" where nothing more is found.
Task<std::string> scanned(File& file, std::uint64_t size) {
  std::string told;
  SegmentScan scan(file, 0, size);
  while (true) {
    const auto batch = co_await scan.next();
    if (!batch.ok()) co_return told + std::string(name_of(batch.error().code()));
    if (!*batch) co_return told;
    const bool good = !(*batch)->is_damaged() && checksum_holds((*batch)->bytes, (*batch)->header.magic);
    told += (good ? (*batch)->header.base_offset.to_string() : "damaged") + " ";
  }
}
Task<std::string> cleaned(File& file, std::uint64_t size) {
  std::string told;
  BatchChunks chunks(file, 0, size, std::size_t{64} << 10);
  while (true) {
    const Result<void> fetched = co_await chunks.fetch();
    if (!fetched.ok()) co_return told + std::string(name_of(fetched.error().code()));
    std::span<const std::byte> chunk = chunks.take();
    if (chunk.empty()) co_return told;
    while (!chunk.empty()) {
      const StoredBatch batch = read_stored_batch(chunk, 0).value();
      told += batch.base_offset.to_string() + " ";
      chunk = chunk.subspan(static_cast<std::size_t>(batch.size));
    }
  }
}

Story read(std::string bytes, Task<std::string> (*how)(File&, std::uint64_t)) {
  Story story;
  sim::World world(1);
  sim::Host& host = world.add_host("here");
  host.start([&](Process& process, Cancel) -> Task<int> {
    FileSystem& files = process.shard(ShardId(0)).files();
    std::unique_ptr<File> plain = (co_await files.open("/segment", kCreateNew)).value();
    (void)(co_await plain->append(Chain(Slice::copy_of(bytes)))).value();
    Measured file(std::move(plain));
    story.told = co_await how(file, bytes.size());
    story.largest = file.largest;
    co_await file.close();
    co_return 0;
  });
  (void)world.run_until([&] { return !host.running(); }, std::chrono::minutes(1));
  return story;
}

void set_length(std::string& bytes, std::size_t batch, std::size_t size) {
  store_big_endian(reinterpret_cast<std::byte*>(bytes.data() + batch + record::kLengthAt),
                   static_cast<std::uint32_t>(size - record::kLogOverhead));
}

TEST(SegmentScan, GivesLargeBatchesWhole) {
  const std::string bytes = batch_of(0, 10) + batch_of(1, kLarge) + batch_of(2, 10) + batch_of(3, 2 * kLarge);
  EXPECT_EQ(read(bytes, scanned).told, "0 1 2 3 ");
  EXPECT_EQ(read(bytes, cleaned).told, "0 1 2 3 ");
}

TEST(SegmentScan, MakesNoRoomForALengthThatRotted) {
  const std::string first = batch_of(0, 10);
  std::string bytes = first + batch_of(1, 10);
  for (std::int64_t i = 2; i < 120; ++i) bytes += batch_of(i, std::size_t{100} << 10);
  set_length(bytes, first.size(), std::size_t{10} << 20);
  const Story scan = read(bytes, scanned);
  EXPECT_TRUE(scan.told.starts_with("0 damaged")) << scan.told;
  EXPECT_LE(scan.largest, SegmentScan::kBuffer);
  const Story clean = read(bytes, cleaned);
  EXPECT_EQ(clean.told, "0 corrupt");
  EXPECT_LE(clean.largest, BatchChunks::kBelieved);
}

TEST(SegmentScan, NoBatchHasTheLastOffsetOfAll) {
  std::string bytes = batch_of(0, 10);
  const auto batch = std::as_writable_bytes(std::span(bytes));
  record::set_base_offset(batch, Offset::max() - 1);
  EXPECT_EQ(read(bytes, scanned).told, Offset(Offset::max() - 1).to_string() + " ");
  record::set_base_offset(batch, Offset::max());
  EXPECT_EQ(read(bytes, scanned).told, "corrupt");
}

TEST(SegmentScan, GoesOnBehindALargeBatchWhoseBytesRotted) {
  const std::string first = batch_of(0, 10);
  std::string bytes = first + batch_of(1, kLarge) + batch_of(2, 10);
  bytes[first.size() + kLarge / 2] ^= 1;
  const Story story = read(bytes, scanned);
  EXPECT_EQ(story.told, "0 damaged 2 ");
  EXPECT_LE(story.largest, SegmentScan::kBuffer);
}

}  // namespace
}  // namespace ottla::storage
