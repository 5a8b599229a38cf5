// fuzz: base protocol
// A stream of bytes gives the same frames and the same end however it is cut; each frame's head is refused or lies in
// the frame, and a request that is admitted is decoded or refused.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/chain.h"
#include "base/invariant.h"
#include "base/slice.h"
#include "protocol/api.h"
#include "protocol/codec.h"
#include "protocol/frame_splitter.h"
#include "protocol/registry.h"
#include "protocol/request_header.h"
#include "protocol/schema.h"
#include "protocol/testing/every_message.h"
#include "protocol/testing/random_message.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

using namespace ottla;
using namespace ottla::protocol;

constexpr std::size_t kLargestFrame = 2000;
constexpr std::size_t kMostBytes = std::size_t{4} << 20U;

struct Split {
  std::vector<Slice> frames;
  std::string end;  // why there are no more; empty when the stream just ended
};

// As if each read brought as many bytes as `random` says, or all that there is room for.
Split split(std::span<const std::byte> stream, RandomBits* random) {
  FrameSplitter splitter(kLargestFrame);
  Split result;
  while (!stream.empty()) {
    const std::span<std::byte> space = splitter.space();
    OTTLA_INVARIANT(!space.empty(), "a splitter has always room");
    std::size_t count = std::min(space.size(), stream.size());
    if (random != nullptr)
      count = 1 + random->below(std::min<std::size_t>(count, random->one_in(4) ? 300 : 5));
    std::memcpy(space.data(), stream.data(), count);
    splitter.received(count);
    stream = stream.subspan(count);
    for (;;) {
      auto frame = splitter.next();
      if (!frame.ok()) {
        result.end = frame.error().to_string();
        return result;
      }
      if (!frame->has_value()) break;
      OTTLA_INVARIANT((*frame)->size() <= kLargestFrame, "a frame is over the limit", (*frame)->size());
      result.frames.push_back(**std::move(frame));
    }
    OTTLA_INVARIANT(splitter.pending() <= std::max(kLargestFrame + 4, FrameSplitter::kBlock),
                    "too much is pending", splitter.pending());
  }
  return result;
}

void decode_body(const MessageInfo& message, std::int16_t version, std::span<const std::byte> body,
                 Arena& arena) {
  std::byte* out = new_message(message, arena);
  const auto taken = decode(message, {.bytes = body, .version = version}, &arena, out);
  OTTLA_INVARIANT(!taken.ok() || *taken == body.size(), "a body was not taken whole", message.name);
}

void take(std::span<const std::byte> frame, Arena& arena) {
  arena.reset();
  const auto head = read_request_head(frame, arena);
  if (!head.ok()) return;
  OTTLA_INVARIANT(head->api != nullptr && head->size <= frame.size(), "a head is longer than its frame");
  for (const std::uint8_t listener : {Listener::kBroker, Listener::kController}) {
    if (admit(*head, {.listener = listener}) != Admission::admitted) continue;
    OTTLA_INVARIANT(head->api->request->versions.contains(head->version), "no such version was admitted");
    decode_body(*head->api->request, head->version, frame.subspan(head->size), arena);
  }
  if (!head->api->response->versions.contains(head->version)) return;
  std::int32_t correlation = 0;
  const auto size = read_response_head(frame, *head->api, head->version, arena, correlation);
  if (size.ok()) decode_body(*head->api->response, head->version, frame.subspan(*size), arena);
}

// Frames of random requests, one after the other.
std::size_t random_stream(std::span<std::uint8_t> room, RandomBits& random) {
  static Budget budget("random requests", kMostBytes);
  static Arena arena(budget, {.kept = 65536});
  std::size_t size = 0;
  for (std::uint64_t more = 1 + random.below(3); more > 0; --more) {
    arena.reset();
    const auto apis = all_apis();
    const ApiInfo& api = apis[random.below(apis.size())];
    if (api.request == nullptr) continue;
    const Versions versions = api.request->versions;
    const std::uint64_t count = std::uint64_t{1} + static_cast<std::uint16_t>(versions.last - versions.first);
    const auto version = static_cast<std::int16_t>(versions.first + static_cast<int>(random.below(count)));
    std::byte* request = new_message(*api.request, arena);
    RandomMessages(random.next(), arena, {.large_values = false, .most_elements = 2})
        .fill(*api.request, version, request);
    const auto frame = encode_request(Encodable(*api.request, request, version), {.client_id = "fuzz"});
    OTTLA_INVARIANT(frame.ok(), "a random request cannot be framed", api.name);
    const Slice bytes = frame->flatten();
    if (bytes.size() > room.size() - size) break;
    std::memcpy(room.data() + size, bytes.data(), bytes.size());
    size += bytes.size();
  }
  return size;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Budget budget("frames", kMostBytes);
  static Arena arena(budget, {.kept = 65536});
  const auto stream = std::as_bytes(std::span(data, size));
  RandomBits random(size);
  const Split whole = split(stream, nullptr);
  const Split pieces = split(stream, &random);
  OTTLA_INVARIANT(whole.end == pieces.end, "how a stream is cut changes its end", whole.end, pieces.end);
  OTTLA_INVARIANT(whole.frames == pieces.frames, "how a stream is cut changes its frames");
  for (const Slice& frame : whole.frames) take(frame.as_span(), arena);
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned int seed) {
  RandomBits random(seed);
  if (random.one_in(32)) return random_stream({data, most}, random);
  return LLVMFuzzerMutate(data, size, most);
}
