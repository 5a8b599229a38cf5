// Batches for tests, good ones and bad ones: made of short texts, then broken field by field.
//
// Use:         MadeBatch({"key=value@100", "-=value@101"}).set(kCountAt, std::int32_t{3}).slice()
// Text:        KEY=VALUE@TIME; a key or value "-" is null; without "@TIME" the time is 0.
// Lifetime:    owns its bytes.
// Concurrency: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "base/endian.h"
#include "base/slice.h"
#include "record/batch_builder.h"
#include "record/batch_layout.h"

namespace ottla::record::testing {

class MadeBatch {
 public:
  explicit MadeBatch(std::initializer_list<std::string_view> records, BatchOptions options = {})
      : MadeBatch(std::span<const std::string_view>(records.begin(), records.size()), options) {}
  explicit MadeBatch(std::span<const std::string_view> records, BatchOptions options = {});

  // A field of the header; the checksum is made anew.
  template <typename T>
  MadeBatch& set(std::size_t at, T value) {
    store_big_endian(bytes_.data() + at, value);
    return seal();
  }
  // Other bytes behind the header, given in hex. The count stays.
  MadeBatch& records(std::string_view hex);
  // One byte of the records, counted from their first.
  MadeBatch& poke(std::size_t at, std::uint8_t value);
  MadeBatch& append(std::string_view hex);
  // As if the last bytes had been lost before the length and the checksum were made.
  MadeBatch& shorten(std::size_t bytes);
  MadeBatch& compress(Compression codec);
  // One bit, without a word to the checksum.
  MadeBatch& flip(std::size_t at);

  Slice slice() const { return Slice::copy_of(std::span<const std::byte>(bytes_)); }
  std::size_t size() const { return bytes_.size(); }

 private:
  MadeBatch& seal();

  std::vector<std::byte> bytes_;
};

}  // namespace ottla::record::testing
