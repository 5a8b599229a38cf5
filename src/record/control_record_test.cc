#include "record/control_record.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/hex.h"
#include "base/offset.h"
#include "base/slice.h"
#include "record/batch_view.h"
#include "record/record_view.h"

namespace ottla::record {
namespace {

class ControlRecords : public testing::Test {
 protected:
  RecordView record(std::string_view key, std::string_view value) {
    key_ = *hex_decode(key);
    value_ = *hex_decode(value);
    RecordView made;
    made.key = std::as_bytes(std::span(key_));
    made.value = std::as_bytes(std::span(value_));
    return made;
  }

  std::string key_;
  std::string value_;
};

TEST_F(ControlRecords, AnEndMarkerIsReadAsItWasMade) {
  const Slice bytes =
      end_marker_batch({.offset = Offset(9), .timestamp = 5, .producer_id = 7, .producer_epoch = 2},
                       {.committed = true, .coordinator_epoch = 3});
  const auto batch = BatchView::first_of(bytes.as_span());
  ASSERT_TRUE(batch.ok());
  EXPECT_TRUE(batch->crc_holds());
  EXPECT_TRUE(batch->attributes().is_control());
  EXPECT_TRUE(batch->attributes().is_transactional());
  EXPECT_EQ(batch->base_sequence(), kNoSequence);
  RecordReader reader(batch->records(), batch->count());
  const auto marker = reader.next();
  const auto type = read_control_type(*marker);
  EXPECT_EQ(**type, ControlType::commit);
  EXPECT_EQ(*read_end_marker(**type, *marker), (EndMarker{.committed = true, .coordinator_epoch = 3}));
}

TEST_F(ControlRecords, KeysAreAVersionAndAType) {
  EXPECT_EQ(hex_encode(control_key(ControlType::voters)), "00000006");
  EXPECT_EQ(**read_control_type(record("00000002", "")), ControlType::leader_change);
  EXPECT_EQ(**read_control_type(record("00090001", "")), ControlType::commit);
}

TEST_F(ControlRecords, ATypeOfTheFutureIsPassedOver) {
  EXPECT_FALSE(read_control_type(record("00000007", ""))->has_value());
  EXPECT_FALSE(read_control_type(record("0000ffff", ""))->has_value());
}

TEST_F(ControlRecords, CutAndNegativeOnesAreRefused) {
  EXPECT_EQ(read_control_type(record("000000", "")).error().code(), Errc::truncated);
  EXPECT_EQ(read_control_type(record("ffff0000", "")).error().code(), Errc::malformed);
  EXPECT_EQ(read_control_type(RecordView{}).error().code(), Errc::malformed);
  EXPECT_EQ(read_end_marker(ControlType::abort, record("", "0000000000")).error().code(), Errc::truncated);
  EXPECT_EQ(read_end_marker(ControlType::abort, record("", "ffff00000000")).error().code(), Errc::malformed);
  EXPECT_EQ(read_end_marker(ControlType::voters, record("", "000000000000")).error().code(),
            Errc::invalid_argument);
}

}  // namespace
}  // namespace ottla::record
