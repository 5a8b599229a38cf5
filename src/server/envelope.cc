#include "server/envelope.h"

#include <cstdint>
#include <string>

#include "base/arena.h"
#include "base/budget.h"
#include "base/chain.h"
#include "base/endian.h"
#include "base/error.h"
#include "protocol/codec.h"
#include "protocol/messages/principal.h"
#include "protocol/schema.h"

namespace ottla::server {
namespace {

constexpr std::size_t kVersionBytes = 2;
constexpr std::size_t kMostMemory = std::size_t{64} << 10;

}  // namespace

Result<Slice> encode_principal(const Principal& principal) {
  const protocol::DefaultPrincipalData data = {
      .type = principal.type, .name = principal.name, .token_authenticated = principal.token_authenticated};
  const protocol::Encodable part(data, protocol::DefaultPrincipalData::message().versions.last);
  OTTLA_TRY(const Chain bytes, protocol::encode(std::span(&part, 1), protocol::Prefix::version));
  return bytes.flatten();
}

Result<Principal> decode_principal(std::span<const std::byte> bytes) {
  if (bytes.size() < kVersionBytes) return Error(Errc::truncated, "a principal without its version");
  Budget budget("principal", kMostMemory);
  Arena arena(budget);
  protocol::DefaultPrincipalData data;
  OTTLA_CHECK(protocol::decode({.bytes = bytes.subspan(kVersionBytes),
                                .version = load_big_endian<std::int16_t>(bytes.data()),
                                .rest = protocol::Rest::left},
                               arena, data));
  return Principal{.type = std::string(data.type),
                   .name = std::string(data.name),
                   .token_authenticated = data.token_authenticated};
}

}  // namespace ottla::server
