#include "test/storage/codecs/mangle.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "record/compression/xxhash32.h"

namespace ottla::codecs {
namespace {

using record::Compression;

// As far as the headers of the codecs go, without what may be left out.
std::size_t header_size(Compression compression) {
  switch (compression) {
    case Compression::gzip:
      return 10;
    case Compression::snappy:
      return 20;  // with the size of the first chunk
    case Compression::lz4:
      return 11;  // with the size of the first block
    default:
      return 9;  // with the head of the first block
  }
}

// False where there is nothing to mend.
bool mend(Compression compression, std::string& block) {
  constexpr std::size_t kFlagsAt = 4;
  constexpr std::size_t kChecksumAt = 6;
  if (compression != Compression::lz4) return false;
  const auto covered = std::as_bytes(std::span(block)).subspan(kFlagsAt, kChecksumAt - kFlagsAt);
  block[kChecksumAt] = static_cast<char>(record::xxhash32(covered) >> 8);
  return true;
}

}  // namespace

std::vector<Mangled> mangled(std::string_view block, std::string_view other) {
  std::vector<Mangled> all;
  for (std::size_t size = 0; size < block.size(); ++size)
    all.push_back({fmt::format("the first {} bytes", size), std::string(block.substr(0, size))});
  for (std::size_t bit = 0; bit < 8 * block.size(); ++bit) {
    std::string turned(block);
    turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ (1 << bit % 8));
    all.push_back({fmt::format("bit {} turned", bit), std::move(turned)});
  }
  for (std::size_t count = 1; count < 40; ++count) {
    all.push_back({fmt::format("{} zeroes behind", count), std::string(block) + std::string(count, '\0')});
    all.push_back({fmt::format("{} letters behind", count), std::string(block) + std::string(count, 'x')});
  }
  for (std::size_t size = 1; size <= other.size(); ++size) {
    all.push_back({fmt::format("{} bytes of another block behind", size),
                   std::string(block) + std::string(other.substr(0, size))});
  }
  all.push_back({"three blocks", std::string(block) + std::string(other) + std::string(block)});
  return all;
}

std::vector<Mangled> headers(Compression compression, std::string_view block) {
  std::vector<Mangled> all;
  for (std::size_t at = 0; at < std::min(header_size(compression), block.size()); ++at) {
    for (unsigned value = 0; value < 256; ++value) {
      std::string changed(block);
      changed[at] = static_cast<char>(value);
      all.push_back({fmt::format("byte {} set to {:#04x}", at, value), changed});
      if (mend(compression, changed)) {
        all.push_back({fmt::format("byte {} set to {:#04x}, mended", at, value), std::move(changed)});
      }
    }
  }
  return all;
}

Mangled at_random(std::string_view block, Draw& draw) {
  Mangled made{.how = "random:", .block = std::string(block)};
  for (std::uint64_t changes = 1 + draw(3); changes != 0; --changes) {
    const auto at = static_cast<std::size_t>(draw(made.block.size()));
    const auto size = std::min(static_cast<std::size_t>(1 + draw(20)), made.block.size() - at);
    made.how += fmt::format(" at {} ", at);
    switch (draw(4)) {
      case 0:
        made.block[at] = static_cast<char>(draw(256));
        made.how += "another byte";
        break;
      case 1:
        if (made.block.size() > size) made.block.erase(at, size);
        made.how += fmt::format("{} fewer", size);
        break;
      case 2:
        made.block.insert(at, std::string(block.substr(0, size)));
        made.how += fmt::format("{} more", size);
        break;
      default:
        for (std::size_t i = at; i < at + size; ++i) made.block[i] = static_cast<char>(draw(256));
        made.how += fmt::format("{} others", size);
        break;
    }
  }
  return made;
}

}  // namespace ottla::codecs
