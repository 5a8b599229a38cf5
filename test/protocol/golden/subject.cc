#include "test/protocol/golden/subject.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/result.h"
#include "base/slice.h"
#include "protocol/codec.h"
#include "protocol/json.h"
#include "protocol/registry.h"
#include "protocol/schema.h"

namespace ottla::golden {

std::string Subject::name() const {
  return fmt::format("{} {}", message->name, version);
}

std::uint64_t Subject::seed(std::uint64_t base) const {
  std::uint64_t hash = 0xCBF29CE484222325U ^ base;
  const auto mix = [&](std::uint64_t value) { hash = (hash ^ value) * 0x100000001B3U; };
  for (const char c : std::string_view(message->name)) mix(static_cast<std::uint8_t>(c));
  mix(static_cast<std::uint64_t>(version));
  return hash;
}

std::vector<Subject> Choice::subjects() const {
  std::vector<Subject> found;
  const auto all = planted == nullptr ? protocol::all_messages() : std::span(&planted, 1);
  for (const protocol::MessageInfo* message : all) {
    if (!only.empty() && only != message->name) continue;
    for (std::int16_t v = message->versions.first; v <= message->versions.last; ++v) {
      if (version < 0 || v == version) found.push_back({.message = message, .version = v});
    }
  }
  return found;
}

std::byte* Workbench::blank(const protocol::StructureInfo& structure) {
  void* place = arena_.allocate(structure.size, structure.alignment);
  if (place == nullptr) give_up("the arena's budget is spent");
  std::memcpy(place, structure.initial, structure.size);
  return static_cast<std::byte*>(place);
}

Result<const std::byte*> Workbench::decode(const Subject& subject, ByteView bytes) {
  std::byte* out = blank(*subject.message->root);
  OTTLA_TRY([[maybe_unused]] const std::size_t size,
            protocol::decode(*subject.message, {.bytes = bytes, .version = subject.version}, &arena_, out));
  return static_cast<const std::byte*>(out);
}

Result<std::string> encode(const Subject& subject, const std::byte* message) {
  const protocol::Encodable part(*subject.message, message, subject.version);
  OTTLA_TRY(Chain chain, protocol::encode(std::span(&part, 1), protocol::Prefix::none));
  const Slice bytes = std::move(chain).flatten();
  return std::string(reinterpret_cast<const char*>(bytes.as_span().data()), bytes.as_span().size());
}

std::string json_of(const Subject& subject, const std::byte* message, protocol::JsonStyle style) {
  std::string text;
  protocol::append_json(text, *subject.message, subject.version, message, style);
  return text;
}

std::string hex(ByteView bytes) {
  constexpr std::size_t kShown = 48;
  std::string text;
  for (const std::byte b : bytes.first(std::min(bytes.size(), kShown)))
    text += fmt::format("{:02x}", std::to_integer<unsigned>(b));
  if (bytes.size() > kShown) text += "…";
  return text;
}

std::string difference(const Subject& subject, ByteView expected, ByteView actual) {
  const auto [e, a] = std::ranges::mismatch(expected, actual);
  const auto at = static_cast<std::size_t>(e - expected.begin());
  // A decoder that gets no more than what is the same runs out in the field where they part.
  Workbench bench;
  const auto cut = bench.decode(subject, expected.first(at));
  const std::size_t from = at - std::min<std::size_t>(at, 8);
  return fmt::format("byte {} of {} ({} of ours); expected from {} on {}, ours {}; there: {}", at,
                     expected.size(), actual.size(), from, hex(expected.subspan(from)),
                     hex(actual.subspan(from)), cut.ok() ? "behind the message" : cut.error().to_string());
}

}  // namespace ottla::golden
