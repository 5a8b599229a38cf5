// The small language of the codecs' tests: packed(), unpacked(), bytes() and what they say.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/slice.h"
#include "record/batch_layout.h"
#include "record/compression/codec_pool.h"
#include "record/compression/compressor.h"
#include "record/compression/decompressor.h"

namespace ottla::record {

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// "1f 8b 08": hexadecimal pairs; blanks do not count.
inline std::string bytes(std::string_view hex) {
  std::string out;
  int high = -1;
  for (const char c : hex) {
    if (c == ' ') continue;
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      out.push_back(static_cast<char>(high * 16 + digit));
      high = -1;
    }
  }
  return out;
}

// Text that compresses as records do; the same for the same arguments.
inline std::string records_like(std::size_t size, std::uint64_t seed = 1) {
  static constexpr std::string_view kWords[] = {"order", "customer", "amount", "EUR", "shipped", "warehouse"};
  std::string text;
  while (text.size() < size) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    text += kWords[(seed >> 33) % std::size(kWords)];
    text += std::to_string(seed >> 52);
  }
  text.resize(size);
  return text;
}

// Text that does not.
inline std::string noise(std::size_t size, std::uint64_t seed = 1) {
  std::string text;
  while (text.size() < size) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    text.append(reinterpret_cast<const char*>(&seed) + 4, 4);  // the half that is noise
  }
  text.resize(size);
  return text;
}

inline std::string text_of(const Slice& slice) {
  return std::string(slice.as_string_view());
}

class CodecTest : public testing::Test {
 protected:
  std::string packed(CompressionSpec spec, std::string_view plain) {
    const auto block = compress(pool_, spec, as_bytes(plain));
    return block.ok() ? text_of(*block) : "!" + std::string(name_of(block.error().code()));
  }
  std::string packed(Compression compression, std::string_view plain) {
    return packed(CompressionSpec(compression), plain);
  }

  // What comes out, or "!" and the error's name. Also shows that nothing else comes afterwards.
  std::string unpacked(Compression compression, std::string_view block, std::uint64_t most = 1 << 26,
                       Lz4HeaderChecksum checksum = Lz4HeaderChecksum::checked) {
    auto plain = Decompressor::open(pool_, compression, as_bytes(block), {.max_output = most}, checksum);
    if (!plain.ok()) return "!" + std::string(name_of(plain.error().code()));
    std::string text;
    for (;;) {
      const auto run = plain->next();
      if (!run.ok()) {
        EXPECT_EQ(plain->next().error(), Errc::closed);
        return "!" + std::string(name_of(run.error().code()));
      }
      if (run->empty()) break;
      text.append(reinterpret_cast<const char*>(run->data()), run->size());
    }
    const auto behind = plain->next();
    EXPECT_TRUE(behind.ok() && behind->empty());
    EXPECT_EQ(plain->output(), text.size());
    return text;
  }

  CodecPool pool_;
};

}  // namespace ottla::record
