#include "base/crc32.h"

#include <zlib.h>

namespace ottla {

std::uint32_t crc32_extend(std::uint32_t crc, std::span<const std::byte> bytes) {
  if (bytes.empty()) return crc;  // zlib takes a null address for a wish to start over
  return static_cast<std::uint32_t>(
      ::crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace ottla
