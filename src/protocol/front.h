// The bytes before a message: its frame's size, its version, or what says which record it is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/endian.h"
#include "base/varint.h"
#include "protocol/codec.h"
#include "protocol/schema.h"

namespace ottla::protocol {

// The only form of metadata records that there ever was.
inline constexpr std::uint32_t kMetadataFrame = 1;

// `size`: of all parts together.
class Front {
 public:
  Front(Prefix prefix, std::uint64_t size, const Encodable& first) {
    switch (prefix) {
      case Prefix::none:
        break;
      case Prefix::frame_size:
        put(static_cast<std::int32_t>(size));
        break;
      case Prefix::version:
        put(first.version);
        break;
      case Prefix::type:
        put(first.message->key);
        break;
      case Prefix::metadata:
        put_varint(kMetadataFrame);
        put_varint(static_cast<std::uint32_t>(first.message->key));
        put_varint(static_cast<std::uint32_t>(first.version));
    }
  }
  std::size_t size() const { return size_; }
  const std::byte* data() const { return bytes_.data(); }

 private:
  template <typename T>
  void put(T value) {
    store_big_endian(bytes_.data(), value);
    size_ = sizeof(T);
  }
  void put_varint(std::uint32_t value) {
    size_ = static_cast<std::size_t>(encode_varint(bytes_.data() + size_, value) - bytes_.data());
  }

  std::array<std::byte, 3 * kMaxVarintSize<std::uint32_t>> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace ottla::protocol
