// fuzz: base http
//
// Any bytes from a client: a parser says the same however they are cut, and holds no more than its limits.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <variant>

#include "base/invariant.h"
#include "http/request_parser.h"

namespace ottla::http {
namespace {

constexpr RequestLimits kLimits{.head = 256, .fields = 8, .body = 64};

std::string describe(const Request& request) {
  std::string text = request.method + ' ' + request.target + (request.keep_alive ? " + " : " - ");
  for (const Field& field : request.fields) text += field.name + ':' + field.value + '\n';
  return text + std::string(request.body.as_string_view()) + '\n';
}

std::string read(std::span<const std::uint8_t> bytes, std::size_t piece) {
  RequestParser parser(kLimits);
  std::string said;
  for (;;) {
    RequestParser::Outcome outcome = parser.next();
    if (const auto* request = std::get_if<Request>(&outcome)) {
      OTTLA_INVARIANT(request->body.size() <= kLimits.body, "a body beyond the limit", request->body.size());
      OTTLA_INVARIANT(request->fields.size() <= kLimits.fields, "too many fields", request->fields.size());
      said += describe(*request);
    } else if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
      return said + std::to_string(refusal->status);
    } else if (bytes.empty()) {
      return said + (parser.at_boundary() ? "" : "...");
    } else {
      const auto room = parser.space();
      OTTLA_INVARIANT(!room.empty(), "no room to read into");
      const std::size_t count = std::min({piece, room.size(), bytes.size()});
      std::memcpy(room.data(), bytes.data(), count);
      parser.received(count);
      bytes = bytes.subspan(count);
    }
  }
}

}  // namespace
}  // namespace ottla::http

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using ottla::http::read;
  const std::span<const std::uint8_t> bytes(data, size);
  const std::string whole = read(bytes, SIZE_MAX);
  const std::string cut = read(bytes, 3);
  OTTLA_INVARIANT(whole == cut, "how the bytes are cut changes what they say", whole, cut);
  return 0;
}
