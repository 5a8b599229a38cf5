// Turns keys and values into what people read: text, numbers, or the records of internal topics as JSON.
//
// Lifetime:    a decoder lives as long as the tool; what it returns owns its texts.
// Concurrency: confined to one shard.
// Errors:      invalid_argument, for a class that is not known here. A record that a decoder of the reference cannot
//              digest ends the dump there, and here: such come as errors too (malformed). Decoders of internal topics
//              show the fault in place of the record instead.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/offset.h"
#include "base/result.h"
#include "cli/dump_log/report.h"

namespace ottla::cli {

struct EncodedRecord {
  std::int64_t offset = 0;
  std::optional<std::span<const std::byte>> key;
  std::optional<std::span<const std::byte>> value;
};

class RecordDecoder {
 public:
  RecordDecoder() = default;
  RecordDecoder(const RecordDecoder&) = delete;
  RecordDecoder& operator=(const RecordDecoder&) = delete;
  virtual ~RecordDecoder() = default;

  virtual Result<ShownRecord> decode(const EncodedRecord& record) = 0;
};

// The reference's own decoder classes, by their Java names.
Result<std::unique_ptr<RecordDecoder>> make_class_decoder(std::string_view key_class,
                                                          std::string_view value_class);
// Records of __consumer_offsets, __transaction_state and __share_group_state: JSON of keys and of values.
std::unique_ptr<RecordDecoder> make_coordinator_decoder(std::string_view topic);
// Records of __cluster_metadata: JSON.
std::unique_ptr<RecordDecoder> make_metadata_decoder();
// Records of __remote_log_metadata, in the form that the reference prints, which is no JSON.
std::unique_ptr<RecordDecoder> make_remote_metadata_decoder();

}  // namespace ottla::cli
