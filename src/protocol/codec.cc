#include "protocol/codec.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "base/arena.h"
#include "base/chain.h"
#include "base/invariant.h"
#include "base/mutable_buffer.h"
#include "base/result.h"
#include "protocol/decoder.h"
#include "protocol/encoder.h"
#include "protocol/fault.h"
#include "protocol/front.h"
#include "protocol/message.h"
#include "protocol/schema.h"

namespace ottla::protocol {
namespace {

bool has_version(const MessageInfo& message, std::int16_t version) {
  return message.versions.contains(version);
}

Error no_such_version(const MessageInfo& message, std::int16_t version) {
  return decode_error(message, version, {.fault = Fault::no_such_version}, {});
}

Result<std::size_t> decode_by_tables(const MessageInfo& message, const DecodeInput& input, Arena* arena,
                                     void* out) {
  std::memcpy(out, message.root->initial, message.root->size);
  Decoder decoder(input.bytes, input.version, message.is_flexible(input.version), arena);
  if (!decoder.read_structure(*message.root, static_cast<std::byte*>(out)))
    return decode_error(message, input.version, decoder.detail(), decoder.path());
  if (input.rest == Rest::refused && decoder.left() != 0) {
    decoder.fail(Fault::trailing_bytes, decoder.left());
    return decode_error(message, input.version, decoder.detail(), {});
  }
  return static_cast<std::size_t>(decoder.position());
}

// A hot codec knows only what is wrong; reading again by the tables tells where. When there is no memory for that,
// the place remains unknown.
[[gnu::cold]] Error explain(const MessageInfo& message, const DecodeInput& input, Arena* arena, void* out,
                            const FaultDetail& detail) {
  const auto unplaced = [&] { return decode_error(message, input.version, detail, {}); };
  if (detail.fault == Fault::out_of_memory) return unplaced();
  auto by_tables = decode_by_tables(message, input, arena, out);
  OTTLA_INVARIANT(!by_tables.ok(), "the two decoders of a message disagree", message.name, input.version);
  if (by_tables.error().code() == Errc::out_of_budget) return unplaced();
  return std::move(by_tables).error();
}

Result<> measure_part(const Encodable& part, Measure& measure) {
  const auto* data = static_cast<const std::byte*>(part.data);
  const CodecFunctions* hot = part.message->hot;
  if (hot != nullptr && hot->measure != nullptr) {
    if (hot->measure(measure, data)) return {};
  } else if (put_structure(measure, *part.message->root, data)) {
    return {};
  }
  Measure by_tables(part.version, part.message->is_flexible(part.version));
  const bool fits = put_structure(by_tables, *part.message->root, data);
  OTTLA_INVARIANT(!fits, "the two encoders of a message disagree", part.message->name, part.version);
  return encode_error(*part.message, part.version, by_tables.detail(), by_tables.path());
}

struct Sizes {
  std::uint64_t all = 0;
  std::uint64_t foreign = 0;
  std::size_t pieces = 0;
};

Result<Sizes> measure(std::span<const Encodable> parts) {
  Sizes sizes;
  for (const Encodable& part : parts) {
    if (!has_version(*part.message, part.version)) return no_such_version(*part.message, part.version);
    Measure sink(part.version, part.message->is_flexible(part.version));
    OTTLA_CHECK(measure_part(part, sink));
    sizes.all += sink.size();
    sizes.foreign += sink.foreign();
    sizes.pieces += sink.pieces();
  }
  return sizes;
}

}  // namespace

Result<std::size_t> decode(const MessageInfo& message, const DecodeInput& input, Arena* arena, void* out) {
  if (!has_version(message, input.version)) [[unlikely]]
    return no_such_version(message, input.version);
  if (message.hot == nullptr) return decode_by_tables(message, input, arena, out);
  FaultLog log{.begin = input.bytes.data(), .detail = {}};
  WireReader reader(input.bytes, input.version, message.is_flexible(input.version), arena, &log);
  if (!message.hot->decode(reader, static_cast<std::byte*>(out)) ||
      (input.rest == Rest::refused && reader.left() != 0)) [[unlikely]]
    return explain(message, input, arena, out, log.detail);
  return static_cast<std::size_t>(reader.at() - log.begin);
}

Result<std::uint64_t> encoded_size(std::span<const Encodable> parts) {
  OTTLA_TRY(const Sizes sizes, measure(parts));
  return sizes.all;
}

Result<Chain> encode(std::span<const Encodable> parts, Prefix prefix, BufferSource& source) {
  OTTLA_TRY(const Sizes sizes, measure(parts));
  if (sizes.all > INT32_MAX) {
    return encode_error(*parts.front().message, parts.front().version,
                        {.fault = Fault::too_long, .value = sizes.all}, {});
  }
  const Front front(prefix, sizes.all, parts.front());
  WriteSink sink(static_cast<std::size_t>(sizes.all - sizes.foreign) + front.size(), sizes.pieces, source);
  sink.put_bytes(front.data(), front.size());
  for (const Encodable& part : parts) {
    sink.set_version(part.version, part.message->is_flexible(part.version));
    const auto* data = static_cast<const std::byte*>(part.data);
    if (part.message->hot != nullptr && part.message->hot->write != nullptr) {
      part.message->hot->write(sink, data);
    } else {
      put_structure(sink, *part.message->root, data);
    }
  }
  return std::move(sink).finish();
}

}  // namespace ottla::protocol
