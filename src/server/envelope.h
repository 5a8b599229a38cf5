// Principals as envelopes carry them: DefaultPrincipalData behind its version.
//
// Errors: malformed and the like for bytes that are none.
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "base/slice.h"
#include "server/client_info.h"

namespace ottla::server {

Result<Slice> encode_principal(const Principal& principal);
Result<Principal> decode_principal(std::span<const std::byte> bytes);

}  // namespace ottla::server
