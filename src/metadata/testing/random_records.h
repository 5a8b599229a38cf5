// Records as a cluster writes them, and now and then some that contradict it, for tests, fuzzers and the comparison
// with the reference.
//
// Use:        RandomRecords random(seed);
//             OTTLA_CHECK(replay(image, …random.next(image)…));
// Invariants: the same seed and the same images give the same records.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "metadata/image.h"
#include "protocol/record_codec.h"
#include "protocol/testing/random_message.h"

namespace ottla::metadata {

// A record as the log has it.
template <protocol::Message T>
std::string encoded_record(const T& record, std::int16_t version = T::message().versions.last);

std::string text_of(const Result<Chain>& bytes);

template <protocol::Message T>
std::string encoded_record(const T& record, std::int16_t version) {
  return text_of(protocol::encode_metadata_record(record, version));
}

class RandomRecords {
 public:
  explicit RandomRecords(std::uint64_t seed) : random_(seed) {}

  std::string next(const MetadataImage& image);

 private:
  using Ids = std::vector<std::int32_t>;

  std::string topic(const MetadataImage& image);
  std::string partition(const MetadataImage& image);
  std::string change(const MetadataImage& image);
  std::string broker();
  std::string broker_change(const MetadataImage& image);
  std::string controller();
  std::string setting();
  std::string secured(const MetadataImage& image);
  std::string feature();

  std::uint64_t below(std::uint64_t limit) { return random_.below(limit); }
  bool one_in(std::uint64_t count) { return random_.one_in(count); }
  std::int32_t small(std::uint64_t limit) { return static_cast<std::int32_t>(below(limit)); }
  std::string word(std::string_view stem, std::uint64_t limit);
  Uuid uuid(std::uint64_t kind, std::uint64_t limit) { return Uuid(kind << 32U, below(limit)); }
  Uuid topic_id(const MetadataImage& image);
  Ids ids(std::size_t most);
  std::vector<Uuid> directories(std::size_t count);

  protocol::RandomBits random_;
  std::uint64_t topics_ = 0;  // how many were made
};

}  // namespace ottla::metadata
