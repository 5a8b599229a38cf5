#include "record/legacy_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/crc32.h"
#include "base/error.h"
#include "base/result.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"

namespace ottla::record {

Result<LegacyView> LegacyView::first_of(std::span<const std::byte> bytes) {
  OTTLA_TRY(const BatchFront front, read_front(bytes));
  if (front.magic != 0 && front.magic != 1) {
    return Error(Errc::unsupported, fmt::format("a message with magic {}", front.magic));
  }
  const std::int64_t least = front.magic == 0 ? 26 : 34;
  if (front.size < least) {
    return Error(Errc::corrupt, fmt::format("a message of {} bytes, one of magic {} has {}", front.size,
                                            front.magic, least));
  }
  if (static_cast<std::uint64_t>(front.size) > bytes.size()) return Errc::truncated;
  const LegacyView message(bytes.first(static_cast<std::size_t>(front.size)));
  if (!message.is_filled()) {
    return Error(Errc::malformed,
                 fmt::format("the key and value of the message with offset {} do not fill it",
                             message.offset().raw()));
  }
  return message;
}

bool LegacyView::is_filled() const {
  // Key and value have their sizes before them, which have been found to be there at least.
  std::size_t at = key_at();
  for (int part = 0; part < 2; ++part) {
    if (bytes_.size() - at < 4) return false;
    const auto size = load<std::int32_t>(at);
    at += 4;
    if (size > 0 && static_cast<std::size_t>(size) > bytes_.size() - at) return false;
    at += static_cast<std::size_t>(std::max(size, 0));
  }
  return at == bytes_.size();
}

bool LegacyView::crc_holds() const {
  return crc32(bytes_.subspan(kMagicAt)) == crc();
}

std::size_t LegacyView::value_at() const {
  return key_at() + 4 + static_cast<std::size_t>(std::max(load<std::int32_t>(key_at()), 0));
}

std::optional<std::span<const std::byte>> LegacyView::sized(std::size_t at) const {
  const auto size = load<std::int32_t>(at);
  if (size < 0) return std::nullopt;
  return bytes_.subspan(at + 4, static_cast<std::size_t>(size));
}

}  // namespace ottla::record
