#include "runtime/tls/greeting.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace ottla {
namespace {

constexpr unsigned char kHandshakeRecord = 22;
constexpr unsigned char kAlertRecord = 21;
constexpr std::size_t kMaxClientHello = 32 * 1024;

unsigned at(std::span<const std::byte> bytes, std::size_t index) {
  return std::to_integer<unsigned>(bytes[index]);
}

bool looks_like_http(std::string_view text) {
  constexpr std::array<std::string_view, 9> kStarts = {"GET ",  "POST ", "PUT ",  "HEAD ", "DELET",
                                                       "OPTIO", "CONNE", "PATCH", "HTTP/"};
  return std::any_of(kStarts.begin(), kStarts.end(),
                     [&](std::string_view start) { return text.starts_with(start); });
}

Error not_tls(std::string_view looks_like, bool from_client) {
  std::string text = "the peer does not speak TLS: its first bytes look like ";
  text += looks_like;
  text +=
      from_client ? "; let it use TLS, or a port without it" : "; connect without TLS, or to a port with it";
  return Error(Errc::malformed, std::move(text));
}

}  // namespace

Result<void> check_greeting(std::span<const std::byte> bytes, bool from_client) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const unsigned type = at(bytes, 0);
  if ((type == kHandshakeRecord || (!from_client && type == kAlertRecord)) && at(bytes, 1) == 3) {
    if (!from_client || bytes.size() < kRecordHeader + 4) return {};
    const std::size_t hello = at(bytes, 6) << 16 | at(bytes, 7) << 8 | at(bytes, 8);
    if (hello <= kMaxClientHello) return {};
    return Error(Errc::too_large, "the peer's TLS greeting wants " + std::to_string(hello) + " bytes");
  }
  if (looks_like_http(text)) return not_tls("plain HTTP", from_client);
  if (type == 0 && at(bytes, 1) < 16) return not_tls("a plain Kafka message", from_client);
  if ((type & 0x80) != 0 && at(bytes, 2) == 1) return not_tls("SSL 2.0, which is not safe", from_client);
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= ' ' && c <= '~') || c == '\r' || c == '\n' || c == '\t';
  });
  return not_tls(printable ? "plain text" : "some other protocol", from_client);
}

std::size_t whole_records(std::span<const std::byte> bytes) {
  std::size_t whole = 0;
  while (bytes.size() - whole >= kRecordHeader) {
    const std::size_t body = at(bytes, whole + 3) << 8 | at(bytes, whole + 4);
    if (body > kMaxRecordBody || at(bytes, whole + 1) != 3) return bytes.size();
    if (bytes.size() - whole - kRecordHeader < body) break;
    whole += kRecordHeader + body;
  }
  return whole;
}

}  // namespace ottla
