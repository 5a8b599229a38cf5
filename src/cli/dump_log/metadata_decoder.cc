#include <fmt/format.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/result.h"
#include "cli/dump_log/message_text.h"
#include "cli/dump_log/record_decoder.h"
#include "cli/dump_log/report.h"
#include "protocol/codec.h"
#include "protocol/record_codec.h"

namespace ottla::cli {
namespace {

constexpr std::string_view kTopic = "__cluster_metadata";

// FeatureLevelRecord is FEATURE_LEVEL_RECORD.
std::string type_name(std::string_view message) {
  std::string name;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const char c = message[i];
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && i > 0) name += '_';
    name += upper ? c : static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

class MetadataDecoder final : public RecordDecoder {
 public:
  Result<ShownRecord> decode(const EncodedRecord& record) override {
    const Result<std::string> json = read(record);
    ShownRecord shown;
    shown.payload = json.ok() ? Shown{.form = Shown::Form::json, .text = *json}
                              : Shown{.form = Shown::Form::text,
                                      .text = fmt::format("Error at {}, skipping. {}", record.offset,
                                                          message_of(json.error()))};
    return shown;
  }

 private:
  Result<std::string> read(const EncodedRecord& record) {
    const std::span<const std::byte> nothing;
    OTTLA_TRY(const protocol::EncodedMessage encoded,
              protocol::open_metadata_record(kTopic, record.value.value_or(nothing)));
    OTTLA_TRY(const std::string data, texts_.json_of(encoded, protocol::Rest::refused));
    return fmt::format(R"({{"type":"{}","version":{},"data":{}}})", type_name(encoded.message->name),
                       encoded.version, data);
  }

  MessageText texts_;
};

}  // namespace

std::unique_ptr<RecordDecoder> make_metadata_decoder() {
  return std::make_unique<MetadataDecoder>();
}

}  // namespace ottla::cli
