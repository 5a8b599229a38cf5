// The first bytes of a peer: whether they are TLS at all, and where its records end.
//
// Concurrency: pure functions.
// Errors:      malformed, in words that help whoever dialled the wrong port.
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"

namespace ottla {

inline constexpr std::size_t kRecordHeader = 5;
inline constexpr std::size_t kMaxRecordBody = 16 * 1024 + 256;

// Refuses what cannot begin a TLS connection. Asks for kRecordHeader bytes or more; `from_client` says whose
// bytes they are.
Result<void> check_greeting(std::span<const std::byte> bytes, bool from_client);

// How many bytes at the front are whole records. All of them, if a header is wrong: OpenSSL then refuses it
// and sends the right alert.
std::size_t whole_records(std::span<const std::byte> bytes);

}  // namespace ottla
