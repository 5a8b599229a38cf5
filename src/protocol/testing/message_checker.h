// What must hold for any bytes and any message, whoever made them: the properties behind tests and fuzzers.
//
// Use:         MessageChecker checker;
//              EXPECT_EQ(checker.check_bytes(message, version, bytes), "");
// Lifetime:    what is checked need live only for the call.
// Notes:       memory is reused, so that a fuzzer may ask a million times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/arena.h"
#include "base/budget.h"
#include "base/mutable_buffer.h"
#include "base/slice.h"
#include "protocol/codec.h"
#include "protocol/fault.h"
#include "protocol/schema.h"

namespace ottla::protocol {

class MessageChecker {
 public:
  static constexpr std::size_t kBudget = std::size_t{1} << 20U;
  static constexpr std::size_t kJsonBudget = 32 * kBudget;

  MessageChecker();

  // Hot codecs, tables and Views agree on the value or on the fault; what was decoded is encoded, and decoded again
  // as the same; neither takes memory beyond the budget. Empty, or what does not hold.
  std::string check_bytes(const MessageInfo& message, std::int16_t version, std::span<const std::byte> bytes);
  // Besides: the door of codec.h says the same, and JSON is read back as it was written.
  std::string check_bytes_at_length(const MessageInfo& message, std::int16_t version,
                                    std::span<const std::byte> bytes);
  // A message that its version can carry is encoded to its exact size, alike by both codecs, and decoded equal.
  std::string check_message(const MessageInfo& message, std::int16_t version, const void* data);

  // Of the last message that was encoded.
  std::span<const std::byte> encoded() const { return encoded_.bytes.as_span(); }

 private:
  struct Reading {
    const std::byte* data = nullptr;  // null when it failed
    FaultDetail detail;
    std::size_t left = 0;
  };

  // One block that every encoding starts anew.
  class ReusedBlock : public BufferSource {
   public:
    MutableBuffer allocate(std::size_t capacity) override;

   private:
    MutableBuffer whole_;
  };
  struct Encoding {
    ReusedBlock block;
    Slice bytes;
    FaultDetail detail;  // why there are none
  };

  static Reading read(const MessageInfo& message, const DecodeInput& input, Arena* arena, Arena& place);
  std::string check_reading(const MessageInfo& message, const DecodeInput& input, Reading& whole);
  std::string check_view(const MessageInfo& message, const MessageInfo& view, const DecodeInput& input,
                         const Reading& whole);
  std::string check_encoding(const MessageInfo& message, std::int16_t version, const std::byte* data);
  static bool write(const MessageInfo& message, std::int16_t version, const std::byte* data,
                    Encoding& encoding);
  std::string check_door(const MessageInfo& message, const DecodeInput& input, const Reading& whole);
  std::string check_json(const MessageInfo& message, std::int16_t version, const std::byte* data);
  void reset();

  Budget budget_{"checked message", kBudget};
  Budget other_budget_{"the same once more", kBudget};
  Budget json_budget_{"its JSON", kJsonBudget};
  Arena arena_;
  Arena other_arena_;
  Arena json_arena_;
  Encoding encoded_;
  Encoding other_encoded_;
  std::string json_;
  std::string other_json_;
};

}  // namespace ottla::protocol
