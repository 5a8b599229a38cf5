#include "protocol/testing/message_checker.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/arena.h"
#include "base/error.h"
#include "base/mutable_buffer.h"
#include "base/slice.h"
#include "protocol/codec.h"
#include "protocol/decoder.h"
#include "protocol/encoder.h"
#include "protocol/equal.h"
#include "protocol/fault.h"
#include "protocol/json.h"
#include "protocol/schema.h"
#include "protocol/testing/every_message.h"
#include "protocol/testing/view_walk.h"

namespace ottla::protocol {
namespace {

constexpr ArenaShape kShape = {.first_chunk = 16384, .kept = 65536};

// A hot codec asks for fields of fixed size together, and so misses their bytes earlier.
bool same_fault(const FaultDetail& a, const FaultDetail& b) {
  if (a.fault == Fault::truncated) return b.fault == Fault::truncated;
  return a.fault == b.fault && a.value == b.value && a.position == b.position && a.left == b.left;
}

bool same_bytes(const Slice& a, const Slice& b) {
  return a.as_string_view() == b.as_string_view();
}

bool out_of_memory(const FaultDetail& detail) {
  return detail.fault == Fault::out_of_memory;
}

}  // namespace

MessageChecker::MessageChecker()
    : arena_(budget_, kShape), other_arena_(other_budget_, kShape), json_arena_(json_budget_, kShape) {}

void MessageChecker::reset() {
  arena_.reset();
  other_arena_.reset();
  json_arena_.reset();
}

MutableBuffer MessageChecker::ReusedBlock::allocate(std::size_t capacity) {
  if (whole_.capacity() < capacity) whole_ = MutableBuffer::on_heap(std::max(capacity, std::size_t{65536}));
  return MutableBuffer(whole_.owner(), whole_.spare());
}

// By its own codec if it has one, otherwise by the tables.
MessageChecker::Reading MessageChecker::read(const MessageInfo& message, const DecodeInput& input,
                                             Arena* arena, Arena& place) {
  std::byte* out = new_message(message, place);
  // A hot codec sets everything; a name for what it forgets.
  if (message.hot != nullptr) std::memset(out, 0x5a, message.root->size);
  Decoder decoder(input.bytes, input.version, message.is_flexible(input.version), arena);
  const bool done =
      message.hot != nullptr ? message.hot->decode(decoder, out) : decoder.read_structure(*message.root, out);
  return {.data = done ? out : nullptr, .detail = decoder.detail(), .left = decoder.left()};
}

std::string MessageChecker::check_bytes(const MessageInfo& message, std::int16_t version,
                                        std::span<const std::byte> bytes) {
  reset();
  Reading whole;
  std::string wrong = check_reading(message, {.bytes = bytes, .version = version}, whole);
  if (!wrong.empty() || whole.data == nullptr) return wrong;
  return check_encoding(message, version, whole.data);
}

std::string MessageChecker::check_bytes_at_length(const MessageInfo& message, std::int16_t version,
                                                  std::span<const std::byte> bytes) {
  reset();
  const DecodeInput input{.bytes = bytes, .version = version};
  Reading whole;
  std::string wrong = check_reading(message, input, whole);
  if (wrong.empty()) wrong = check_door(message, input, whole);
  if (!wrong.empty() || whole.data == nullptr) return wrong;
  wrong = check_encoding(message, version, whole.data);
  return wrong.empty() ? check_json(message, version, whole.data) : wrong;
}

std::string MessageChecker::check_reading(const MessageInfo& message, const DecodeInput& input,
                                          Reading& whole) {
  whole = read(by_tables(message), input, &arena_, arena_);
  if (message.hot == nullptr) return {};
  const Reading own = read(message, input, &other_arena_, other_arena_);
  if (!out_of_memory(whole.detail) && !out_of_memory(own.detail)) {
    if ((whole.data == nullptr) != (own.data == nullptr)) return "one decoder takes it, the other does not";
    if (!same_fault(whole.detail, own.detail)) return "the decoders see different faults";
    if (whole.data != nullptr && whole.left != own.left) return "the decoders stop at different places";
    if (whole.data != nullptr && !equal(*message.root, whole.data, own.data))
      return "the decoders see different values";
  }
  const MessageInfo* view = view_of(message);
  if (view == nullptr || out_of_memory(whole.detail)) return {};
  std::string wrong = check_view(message, by_tables(*view), input, whole);
  return wrong.empty() ? check_view(message, *view, input, whole) : wrong;
}

std::string MessageChecker::check_view(const MessageInfo& message, const MessageInfo& view,
                                       const DecodeInput& input, const Reading& whole) {
  const Reading seen = read(view, input, nullptr, other_arena_);
  if ((whole.data == nullptr) != (seen.data == nullptr))
    return "the View takes what the message does not, or not";
  if (!same_fault(whole.detail, seen.detail)) return "the View sees another fault";
  if (seen.data == nullptr) return {};
  if (whole.left != seen.left) return "the View stops at another place";
  return walk_shows(*view.root, seen.data, *message.root, whole.data) ? "" : "the View shows other values";
}

bool MessageChecker::write(const MessageInfo& message, std::int16_t version, const std::byte* data,
                           Encoding& encoding) {
  const bool own = message.hot != nullptr;
  const bool flexible = message.is_flexible(version);
  Measure measure(version, flexible);
  const bool fits = own ? message.hot->measure(measure, data) : put_structure(measure, *message.root, data);
  encoding.detail = measure.detail();
  if (!fits) return false;
  encoding.bytes = {};
  WriteSink sink(measure.size() - measure.foreign(), measure.pieces(), encoding.block);
  sink.set_version(version, flexible);
  own ? message.hot->write(sink, data) : put_structure(sink, *message.root, data);
  encoding.bytes = std::move(sink).finish().flatten();
  return true;
}

std::string MessageChecker::check_encoding(const MessageInfo& message, std::int16_t version,
                                           const std::byte* data) {
  const bool written = write(by_tables(message), version, data, encoded_);
  if (message.hot != nullptr) {
    if (write(message, version, data, other_encoded_) != written) return "only one encoder takes it";
    if (!same_fault(encoded_.detail, other_encoded_.detail)) return "the encoders see different faults";
    if (written && !same_bytes(encoded_.bytes, other_encoded_.bytes))
      return "the encoders write different bytes";
  }
  // Whoever sent the bytes may have sent unknown tags out of order; the reference does not write those either.
  if (!written)
    return encoded_.detail.fault == Fault::misplaced_tag ? "" : "what was decoded cannot be encoded";
  const DecodeInput input{.bytes = encoded_.bytes.as_span(), .version = version};
  other_arena_.reset();
  const Reading again = read(by_tables(message), input, &other_arena_, other_arena_);
  if (out_of_memory(again.detail)) return {};
  if (again.data == nullptr) return "what was encoded cannot be decoded";
  if (again.left != 0) return "what was encoded has bytes behind its end";
  return equal(*message.root, data, again.data) ? "" : "encoding and decoding changes it";
}

std::string MessageChecker::check_message(const MessageInfo& message, std::int16_t version,
                                          const void* data) {
  reset();
  const auto* bytes = static_cast<const std::byte*>(data);
  if (!write(by_tables(message), version, bytes, encoded_)) return "it cannot be encoded";
  return check_encoding(message, version, bytes);
}

// The door explains a fault by decoding again and notices itself when that succeeds.
std::string MessageChecker::check_door(const MessageInfo& message, const DecodeInput& input,
                                       const Reading& whole) {
  other_arena_.reset();
  std::byte* out = new_message(message, other_arena_);
  const auto taken = decode(message, {.bytes = input.bytes, .version = input.version, .rest = Rest::left},
                            &other_arena_, out);
  if (taken.ok() && whole.data == nullptr) return "the door takes what the decoder does not";
  if (taken.ok()) return *taken + whole.left == input.bytes.size() ? "" : "the door stops at another place";
  if (whole.data != nullptr && taken.error() != Errc::out_of_budget)
    return "the door refuses what the decoder takes";
  return taken.error().text().starts_with(message.name) ? "" : "an error does not name its message";
}

// What JSON cannot show (bad UTF-8, unknown tags) is lost at first, and with it a tagged structure that held nothing
// else; then the text stays as it is.
std::string MessageChecker::check_json(const MessageInfo& message, std::int16_t version,
                                       const std::byte* data) {
  constexpr int kRounds = 3;
  json_.clear();
  append_json(json_, message, version, data, kWholeJson);
  for (int round = 0; round < kRounds; ++round) {
    json_arena_.reset();
    std::byte* out = new_message(message, json_arena_);
    const auto read = from_json(message, json_, version, json_arena_, out);
    if (!read.ok() && read.error() == Errc::out_of_budget) return {};
    if (!read.ok()) return "its JSON is not read: " + read.error().to_string();
    other_json_.clear();
    append_json(other_json_, message, version, out, kWholeJson);
    if (json_ == other_json_) return {};
    std::swap(json_, other_json_);
  }
  return "its JSON changes whenever it is read: " + json_;
}

}  // namespace ottla::protocol
