#include "protocol/request_header.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/arena.h"
#include "base/chain.h"
#include "base/endian.h"
#include "base/error.h"
#include "base/invariant.h"
#include "base/mutable_buffer.h"
#include "base/result.h"
#include "protocol/api.h"
#include "protocol/api_key.h"
#include "protocol/codec.h"
#include "protocol/fields.h"
#include "protocol/messages/headers.h"
#include "protocol/schema.h"

namespace ottla::protocol {
namespace {

constexpr std::int16_t kAdvertisedProduceMinimum = 0;

const ApiInfo& api_of(const MessageInfo& message) {
  const ApiInfo* api = find_api(message.key);
  OTTLA_INVARIANT(api != nullptr, "not a request or response", message.name);
  return *api;
}

bool needs_telemetry(ApiKey key) {
  return key == ApiKey::get_telemetry_subscriptions || key == ApiKey::push_telemetry;
}

}  // namespace

std::int16_t request_header_version(const ApiInfo& api, std::int16_t version) {
  return api.request->is_flexible(version) ? 2 : 1;
}

std::int16_t response_header_version(const ApiInfo& api, std::int16_t version) {
  return api.key != ApiKey::api_versions && api.response->is_flexible(version) ? 1 : 0;
}

Result<RequestHead> read_request_head(std::span<const std::byte> frame, Arena& arena) {
  if (frame.size() < 4) return Error(Errc::truncated, "a request without API key and version");
  const auto key = load_big_endian<std::int16_t>(frame.data());
  const auto version = load_big_endian<std::int16_t>(frame.data() + 2);
  const ApiInfo* api = find_api(key);
  if (api == nullptr)
    return Error(Errc::malformed, fmt::format("a request with the unknown API key {}", key));
  RequestHeader header;
  const DecodeInput input = {
      .bytes = frame, .version = request_header_version(*api, version), .rest = Rest::left};
  OTTLA_TRY(const std::size_t size, decode(input, arena, header));
  return RequestHead{.api = api,
                     .version = version,
                     .correlation = header.correlation_id,
                     .client_id = header.client_id.value_or(""),
                     .size = size};
}

Versions served_versions(const ApiInfo& api, const Served& served) {
  if ((api.listeners & served.listener) == 0) return {};
  if (needs_telemetry(api.key) && !served.telemetry) return {};
  Versions versions = api.request->versions;
  if (api.request->latest_unstable && !served.unstable) --versions.last;
  return versions;
}

Versions advertised_versions(const ApiInfo& api, const Served& served) {
  Versions versions = served_versions(api, served);
  if (api.key == ApiKey::produce && !versions.empty()) versions.first = kAdvertisedProduceMinimum;
  return versions;
}

Admission admit(const RequestHead& head, const Served& served) {
  const Versions versions = served_versions(*head.api, served);
  if (versions.contains(head.version)) return Admission::admitted;
  const bool asks_for_versions = head.api->key == ApiKey::api_versions && !versions.empty();
  return asks_for_versions ? Admission::answer_unsupported : Admission::close;
}

Result<Chain> encode_request(const Encodable& request, const RequestOptions& options, BufferSource& source) {
  const RequestHeader header = {.request_api_key = request.message->key,
                                .request_api_version = request.version,
                                .correlation_id = options.correlation,
                                .client_id = options.client_id};
  const std::array<Encodable, 2> parts = {
      Encodable(header, request_header_version(api_of(*request.message), request.version)), request};
  return encode(parts, Prefix::frame_size, source);
}

Result<Chain> encode_response(const Encodable& response, std::int32_t correlation, BufferSource& source) {
  const ResponseHeader header = {.correlation_id = correlation};
  const std::array<Encodable, 2> parts = {
      Encodable(header, response_header_version(api_of(*response.message), response.version)), response};
  return encode(parts, Prefix::frame_size, source);
}

Result<std::size_t> read_response_head(std::span<const std::byte> frame, const ApiInfo& api,
                                       std::int16_t version, Arena& arena, std::int32_t& correlation) {
  ResponseHeader header;
  const DecodeInput input = {
      .bytes = frame, .version = response_header_version(api, version), .rest = Rest::left};
  OTTLA_TRY(const std::size_t size, decode(input, arena, header));
  correlation = header.correlation_id;
  return size;
}

}  // namespace ottla::protocol
