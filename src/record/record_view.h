// One record of a batch where it lies, and the walk over all of them.
//
// Use:         RecordReader reader(batch.records(), batch.count());
//              while (!reader.at_end()) { OTTLA_TRY(RecordView record, reader.next()); … }
// Lifetime:    records point into the bytes.
// Concurrency: pure.
// Errors:      truncated and malformed: a record's size, its key's, its value's and its headers' have to fit into
//              each other, and a record has to fill its size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/byte_reader.h"
#include "base/result.h"

namespace ottla::record {

struct HeaderView {
  std::string_view key;
  std::optional<std::span<const std::byte>> value;
};

// Headers in the order in which they were sent; the same key may stand there again. Checked when the record was
// read, so that walking cannot fail.
class HeaderList {
 public:
  HeaderList() = default;
  HeaderList(std::span<const std::byte> bytes, std::int32_t count) : bytes_(bytes), count_(count) {}

  std::int32_t size() const { return count_; }
  // Their encoded form.
  std::span<const std::byte> bytes() const { return bytes_; }

  class Iterator {
   public:
    using value_type = HeaderView;
    using difference_type = std::ptrdiff_t;

    explicit Iterator(const HeaderList& list) : reader_(list.bytes_), left_(list.count_) { read(); }
    const HeaderView& operator*() const { return header_; }
    const HeaderView* operator->() const { return &header_; }
    Iterator& operator++() {
      --left_;
      read();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& iterator, std::default_sentinel_t) { return iterator.left_ == 0; }

   private:
    void read();

    ByteReader reader_;
    std::int32_t left_;
    HeaderView header_;
  };
  Iterator begin() const { return Iterator(*this); }
  std::default_sentinel_t end() const { return {}; }

 private:
  std::span<const std::byte> bytes_;
  std::int32_t count_ = 0;
};

struct RecordView {
  std::int64_t timestamp_delta = 0;
  std::int32_t offset_delta = 0;
  std::optional<std::span<const std::byte>> key;
  std::optional<std::span<const std::byte>> value;
  HeaderList headers;
};

class RecordReader {
 public:
  // Over records that are not compressed. `count`: how many the batch says there are.
  RecordReader(std::span<const std::byte> records, std::int32_t count) : reader_(records), left_(count) {}

  bool at_end() const { return left_ <= 0; }
  std::int32_t left() const { return left_; }
  Result<RecordView> next();
  // Bytes that no record has taken; there should be none at the end.
  std::size_t bytes_left() const { return reader_.remaining(); }

 private:
  ByteReader reader_;
  std::int32_t left_;
};

// One record out of its body: what follows its size.
Result<RecordView> read_record(std::span<const std::byte> body);

}  // namespace ottla::record
