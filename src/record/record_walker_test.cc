#include "record/record_walker.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/hex.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/batch_builder.h"
#include "record/batch_layout.h"
#include "record/record_runs.h"
#include "record/record_view.h"

namespace ottla::record {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// The bytes in runs of one size, each copied to a place of its own so that a sanitizer sees who reads on.
class CutRuns final : public RecordRuns {
 public:
  CutRuns(std::span<const std::byte> bytes, std::size_t size) : bytes_(bytes), size_(size) {}
  // Fails where the bytes would end.
  CutRuns& failing(Errc code) {
    code_ = code;
    return *this;
  }

  Result<std::span<const std::byte>> next() override {
    const std::size_t size = std::min(size_, bytes_.size());
    if (size == 0 && code_ != Errc{}) return code_;
    run_.assign(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(size));
    run_.shrink_to_fit();
    bytes_ = bytes_.subspan(size);
    return std::span<const std::byte>(run_);
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t size_;
  Errc code_{};
  std::vector<std::byte> run_;
};

std::string name_of_fault(WalkFault fault) {
  switch (fault) {
    case WalkFault::none:
      return "end";
    case WalkFault::negative_count:
      return "negative count";
    case WalkFault::malformed:
      return "malformed";
    case WalkFault::record_too_large:
      return "too large";
    case WalkFault::cut:
      return "cut";
    case WalkFault::bytes_left:
      return "bytes left";
    case WalkFault::undecodable:
      return "undecodable";
  }
  return "?";
}

// Offset delta, time delta, sizes of key and value, headers; then how it ended.
std::string walk(RecordRuns& runs, std::int32_t count, std::int32_t max = INT32_MAX) {
  RecordWalker walker(runs, count, max);
  std::string all;
  RecordHead head;
  while (walker.next(head)) {
    all += std::to_string(head.offset_delta) + "@" + std::to_string(head.timestamp_delta) + " " +
           std::to_string(head.key_size) + ":" + std::to_string(head.value_size) + ":" +
           std::to_string(head.headers) + " ";
  }
  EXPECT_FALSE(walker.next(head));
  return all + name_of_fault(walker.fault());
}

// At once, and cut at every size: the same story each time.
std::string walk_all_ways(std::span<const std::byte> bytes, std::int32_t count,
                          std::int32_t max = INT32_MAX) {
  PlainRun whole(bytes);
  const std::string story = walk(whole, count, max);
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    CutRuns runs(bytes, size);
    const std::string again = walk(runs, count, max);
    // Where the whole is malformed, a walk across runs may find that bytes are missing instead.
    if (story.ends_with("malformed") && again.ends_with("cut")) continue;
    if (story.ends_with("cut") && again.ends_with("malformed")) continue;
    EXPECT_EQ(again, story) << "in runs of " << size;
  }
  return story;
}

std::string walk_hex(std::string_view hex, std::int32_t count = 1) {
  return walk_all_ways(bytes_of(*hex_decode(hex)), count);
}

Slice three_records() {
  BatchBuilder builder({});
  const HeaderView headers[] = {{.key = "h", .value = bytes_of("x")}, {.key = "n", .value = std::nullopt}};
  const std::string large(300, 'v');
  builder.append({.timestamp = 1'000'000, .key = bytes_of("key"), .value = bytes_of(large)});
  builder.append({.timestamp = 1, .headers = headers});
  builder.append({.timestamp = 9'000'000'000'000, .value = bytes_of("")});
  return std::move(builder).finish();
}

TEST(RecordWalks, TellHeadsHoweverTheBytesCome) {
  const Slice batch = three_records();
  EXPECT_EQ(walk_all_ways(batch.as_span().subspan(kRecordsAt), 3),
            "0@0 3:300:0 1@-999999 -1:-1:2 2@8999999000000 -1:0:0 end");
}

TEST(RecordWalks, CountBytes) {
  const Slice batch = three_records();
  for (const std::size_t run : {1U, 7U, 1000U}) {
    CutRuns runs(batch.as_span().subspan(kRecordsAt), run);
    RecordWalker walker(runs, 3);
    RecordHead head;
    while (walker.next(head)) continue;
    EXPECT_EQ(walker.bytes(), batch.size() - kRecordsAt) << run;
  }
}

TEST(RecordWalks, EndWhereRecordsAndBytesDoNotAgree) {
  const Slice batch = three_records();
  const auto records = batch.as_span().subspan(kRecordsAt);
  EXPECT_TRUE(walk_all_ways(records, 2).ends_with("bytes left"));
  EXPECT_TRUE(walk_all_ways(records, 4).ends_with("cut"));
  EXPECT_EQ(walk_all_ways(records, 0), "bytes left");
  EXPECT_EQ(walk_all_ways({}, 0), "end");
  EXPECT_EQ(walk_all_ways({}, -1), "negative count");
}

TEST(RecordWalks, EndAtEveryCut) {
  const Slice batch = three_records();
  const auto records = batch.as_span().subspan(kRecordsAt);
  for (std::size_t size = 0; size < records.size(); ++size) {
    PlainRun cut(records.first(size));
    EXPECT_TRUE(walk(cut, 3).ends_with("cut")) << size;
  }
}

TEST(RecordWalks, RefuseWhatDoesNotFitTogether) {
  EXPECT_EQ(walk_hex("0c000000010100"), "0@0 -1:-1:0 end");
  EXPECT_EQ(walk_hex("0e00000001010000"), "malformed");      // a byte too many
  EXPECT_EQ(walk_hex("0c000000010400"), "malformed");        // a value beyond the record
  EXPECT_EQ(walk_hex("0c000000040100"), "malformed");        // a key beyond the record
  EXPECT_EQ(walk_hex("0c000000010101"), "malformed");        // fewer than no headers
  EXPECT_EQ(walk_hex("0c00000001017e"), "malformed");        // more headers than bytes
  EXPECT_EQ(walk_hex("10000000010102010100"), "malformed");  // a header's key is null
  EXPECT_EQ(walk_hex("01"), "malformed");                    // a negative size
  EXPECT_EQ(walk_hex("00"), "malformed");                    // no room for attributes
  EXPECT_EQ(walk_hex("0e0080000001010000"), "malformed");    // a padded number
}

TEST(RecordWalks, RefuseRecordsOverTheLimit) {
  const Slice batch = three_records();
  const auto records = batch.as_span().subspan(kRecordsAt);
  EXPECT_TRUE(walk_all_ways(records, 3, 311).ends_with("end"));
  EXPECT_EQ(walk_all_ways(records, 3, 300), "too large");
  EXPECT_EQ(walk_all_ways(bytes_of("\xfe\xff\xff\xff\x0f"), 1, 1000), "too large");
}

TEST(RecordWalks, PassOnWhatTheSourceSays) {
  const Slice batch = three_records();
  const auto records = batch.as_span().subspan(kRecordsAt);
  for (std::size_t size = 0; size <= records.size(); ++size) {
    CutRuns runs(records.first(size), 50);
    runs.failing(Errc::corrupt);
    EXPECT_TRUE(walk(runs, 3).ends_with("undecodable")) << size;
  }
}

}  // namespace
}  // namespace ottla::record
