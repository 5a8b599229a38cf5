// How much of its files a log reads for a lookup when nothing of them is at hand, counted at the door. A page of the index
// of times is a little less than 4 KiB, so that it begins and ends within the file system's.
#include <algorithm>
#include <iterator>

#include "record/batch_layout.h"
#include "test/storage/log/counting_doors.h"
#include "test/storage/log/log_language.h"

namespace ottla::storage {
namespace {

using contract::files;

constexpr int kBatches = 4000;

// Indexes of several pages each: an entry for every second batch.
LogConfig config() {
  return {.index_interval_bytes = 100};
}
std::int64_t time_of(std::int64_t offset) {
  return 1'000'000 + offset * 10;
}

Task<void> fill(const Place& place) {
  LogUnderTest log(place, config());
  co_await log.open();
  for (std::int64_t i = 0; i < kBatches; ++i) (void)co_await log.append({.timestamp = time_of(i)});
  co_await log.end();
}

// A log that has just been opened again, whose indexes were used once, and of which nothing else is in memory.
class ColdLog {
 public:
  explicit ColdLog(const Place& place) : doors(files()), log(place, config(), 64, 1 << 20, &doors) {}
  Task<void> open() {
    log.clean = true;
    log.recovery_point = Offset(kBatches);
    co_await log.open();
    co_await must(log->active().load_indexes());
    doors.counts = {};
  }
  CountingDoors doors;
  LogUnderTest log;
};

// Those that hold the headers of the batch before, which the index may name, and of this one: one most of the time.
std::size_t pages_of_headers(std::int64_t offset) {
  constexpr std::uint64_t kPage = 4096;
  const std::uint64_t size = make_batch(Offset(0), {}).size();
  const std::uint64_t at = static_cast<std::uint64_t>(offset) * size;
  return static_cast<std::size_t>((at + record::kRecordsAt - 1) / kPage - (at - std::min(at, size)) / kPage +
                                  1);
}

constexpr std::int64_t kOffsets[] = {0, 1, 40, 700, 1333, 2000, 2891, 3333, 3960};

CONTRACT_TEST(ColdLookup, ByOffsetReadsAPageOfTheIndexAndOneOfTheSegment) {
  co_await fill(place);
  std::size_t twos = 0;
  for (const std::int64_t offset : kOffsets) {
    ColdLog cold(place);
    co_await cold.open();
    EXPECT_FALSE((co_await must(cold.log->read({.start = Offset(offset), .max_bytes = 1}))).records.empty());
    auto& pages = cold.doors.counts.pages;
    EXPECT_LE(pages["index"].size(), 1U) << offset;
    EXPECT_LE(pages["log"].size(), pages_of_headers(offset)) << offset;
    EXPECT_TRUE(pages["timeindex"].empty());
    twos += pages["index"].size() + pages["log"].size() <= 2 ? 1 : 0;
    co_await cold.log.end();
  }
  EXPECT_GE(twos, std::size(kOffsets) - 1) << "the others' headers lie in two pages";
}

CONTRACT_TEST(ColdLookup, ByTimeReadsAPageOfEachIndexBesideTheBatch) {
  co_await fill(place);
  for (const std::int64_t offset : kOffsets) {
    ColdLog cold(place);
    co_await cold.open();
    const auto found = co_await must(cold.log->offset_for_timestamp(time_of(offset)));
    EXPECT_EQ(found.value().offset, Offset(offset));
    auto& pages = cold.doors.counts.pages;
    auto& reads = cold.doors.counts.reads;
    EXPECT_LE(reads["index"] + reads["timeindex"], 2U) << offset;
    EXPECT_LE(pages["log"].size(), pages_of_headers(offset)) << offset;
    co_await cold.log.end();
  }
}

}  // namespace
}  // namespace ottla::storage
