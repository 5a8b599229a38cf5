// What stands before the body of each request and response, and which requests a listener takes at all.
//
// Lifetime:    a RequestHead points into its frame.
// Concurrency: pure.
// Errors:      malformed or truncated where the reference closes the connection; see Admission for the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/chain.h"
#include "base/mutable_buffer.h"
#include "base/result.h"
#include "protocol/api.h"
#include "protocol/codec.h"
#include "protocol/message.h"
#include "protocol/schema.h"

namespace ottla::protocol {

struct RequestHead {
  const ApiInfo* api = nullptr;
  std::int16_t version = 0;  // of the body
  std::int32_t correlation = 0;
  std::string_view client_id = {};  // a client that sends null is treated as one without a name
  std::size_t size = 0;             // of the header: the body begins there
};

// Version 2 for flexible requests, 1 for all others.
std::int16_t request_header_version(const ApiInfo& api, std::int16_t version);
// Version 1 for flexible responses, 0 for all others, and always 0 for ApiVersions: a client must be able to read
// the answer to a version that the server does not know.
std::int16_t response_header_version(const ApiInfo& api, std::int16_t version);

// An API that nobody knows, or one that was removed, is malformed.
Result<RequestHead> read_request_head(std::span<const std::byte> frame, Arena& arena);

enum class Admission : std::uint8_t {
  admitted,
  answer_unsupported,  // ApiVersions in a version that we do not know: answered in version 0 with error 35
  close,               // not on this listener, or no such version: the reference closes the connection
};

// Which versions exist for a server with these settings.
struct Served {
  std::uint8_t listener = Listener::kBroker;
  bool unstable = false;   // unstable.api.versions.enable
  bool telemetry = false;  // a receiver for client metrics is configured
};

Admission admit(const RequestHead& head, const Served& served);
// What a server says that it takes; empty when the API is not advertised. Produce begins at 0, although it is
// served from 3 on: old clients do not connect to a broker that does not claim so.
Versions advertised_versions(const ApiInfo& api, const Served& served);
// What it really takes.
Versions served_versions(const ApiInfo& api, const Served& served);

struct RequestOptions {
  std::int32_t correlation = 0;
  std::string_view client_id = {};
};

// A whole frame, its size first.
Result<Chain> encode_request(const Encodable& request, const RequestOptions& options,
                             BufferSource& source = heap_buffers());
Result<Chain> encode_response(const Encodable& response, std::int32_t correlation,
                              BufferSource& source = heap_buffers());
// The header of a response to `api` in `version`; returns its size.
Result<std::size_t> read_response_head(std::span<const std::byte> frame, const ApiInfo& api,
                                       std::int16_t version, Arena& arena, std::int32_t& correlation);

}  // namespace ottla::protocol
