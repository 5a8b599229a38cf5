#include "record/record_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/batch_builder.h"
#include "record/batch_view.h"
#include "record/record_runs.h"

namespace ottla::record {
namespace {

// Bytes in runs of the same size.
class EvenRuns final : public RecordRuns {
 public:
  EvenRuns(std::span<const std::byte> bytes, std::size_t size) : bytes_(bytes), size_(size) {}
  Result<std::span<const std::byte>> next() override {
    const auto run = bytes_.first(std::min(size_, bytes_.size()));
    bytes_ = bytes_.subspan(run.size());
    return run;
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t size_;
};

Slice batch_of(int count) {
  BatchBuilder builder({});
  for (int i = 0; i < count; ++i) {
    const std::string value(static_cast<std::size_t>(i) * 7, 'v');
    builder.append({.timestamp = i, .value = std::as_bytes(std::span(value))});
  }
  return std::move(builder).finish();
}

// The sizes of the values, and how it ended.
std::string walk(std::span<const std::byte> records, std::int32_t count, std::size_t run,
                 std::size_t most = 1000) {
  EvenRuns runs(records, run);
  RecordStream stream(runs, count, most);
  std::string seen;
  for (;;) {
    const auto record = stream.next();
    if (!record.ok()) return seen + std::string(name_of(record.error().code()));
    if (!record->has_value()) return seen + "end";
    seen += std::to_string((*record)->value->size()) + " ";
  }
}

TEST(RecordStream, GivesTheSameRecordsWhateverTheRuns) {
  const Slice bytes = batch_of(4);
  const auto batch = BatchView::first_of(bytes.as_span());
  for (std::size_t run = 1; run < 60; ++run) {
    EXPECT_EQ(walk(batch->records(), batch->count(), run), "0 7 14 21 end") << run;
  }
}

TEST(RecordStream, SaysWhereABatchIsNotWhatItPromises) {
  const Slice bytes = batch_of(3);
  const auto batch = BatchView::first_of(bytes.as_span());
  const auto records = batch->records();
  EXPECT_EQ(walk(records, 2, 5), "0 7 malformed");
  EXPECT_EQ(walk(records, 4, 5), "0 7 14 truncated");
  EXPECT_EQ(walk(records.first(records.size() - 1), 3, 5), "0 7 truncated");
  EXPECT_EQ(walk(records, -1, 5), "malformed");
  EXPECT_EQ(walk({}, 0, 5), "end");
  EXPECT_EQ(walk(records, 3, 5, 15), "0 7 too_large");
}

TEST(RecordStream, IsOverAfterAnError) {
  const Slice bytes = batch_of(3);
  const auto batch = BatchView::first_of(bytes.as_span());
  EvenRuns runs(batch->records(), 5);
  RecordStream stream(runs, 3, 3);
  EXPECT_FALSE(stream.next().ok());
  EXPECT_FALSE(stream.next()->has_value());
}

TEST(RecordStream, RefusesSizesThatAreNone) {
  const auto walk_bytes = [](std::string_view bytes) { return walk(std::as_bytes(std::span(bytes)), 1, 2); };
  EXPECT_EQ(walk_bytes("\x01"), "malformed");  // -1
  EXPECT_EQ(walk_bytes("\xFF\xFF\xFF\xFF\xFF\xFF"), "malformed");
  EXPECT_EQ(walk_bytes(std::string_view("\x00", 1)), "truncated");  // no attributes
}

}  // namespace
}  // namespace ottla::record
