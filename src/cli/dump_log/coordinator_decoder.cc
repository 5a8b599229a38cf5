#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/base64.h"
#include "base/byte_reader.h"
#include "base/error.h"
#include "base/result.h"
#include "cli/dump_log/message_text.h"
#include "cli/dump_log/record_decoder.h"
#include "cli/dump_log/report.h"
#include "protocol/codec.h"
#include "protocol/messages/classic_group_records.h"
#include "protocol/messages/consumer_protocol.h"
#include "protocol/record_codec.h"
#include "protocol/record_types.h"
#include "protocol/schema.h"

namespace ottla::cli {
namespace {

using protocol::GroupMetadataValue;

class CoordinatorDecoder final : public RecordDecoder {
 public:
  explicit CoordinatorDecoder(std::string_view topic) : topic_(topic) {}

  Result<ShownRecord> decode(const EncodedRecord& record) override {
    if (!record.key) {
      return Error(
          Errc::malformed,
          fmt::format("Failed to decode message at offset {} using the specified decoder (message had a "
                      "missing key): its topic is not {}",
                      record.offset, topic_));
    }
    ByteReader reader(*record.key);
    const auto type = reader.read_i16();
    if (type.ok() &&
        protocol::find_record_type(topic_, protocol::MessageKind::coordinator_key, *type) == nullptr) {
      return said(fmt::format("Unknown record type {} at offset {}, skipping.", *type, record.offset));
    }
    Result<ShownRecord> shown = type.ok() ? decode_known(*type, record) : Result<ShownRecord>(type.error());
    if (shown.ok()) return shown;
    return said(fmt::format("Error at offset {}, skipping. {}", record.offset, message_of(shown.error())));
  }

 private:
  static ShownRecord said(std::string text) {
    return {.key = Shown{.form = Shown::Form::text, .text = std::move(text)}, .payload = {}};
  }

  Result<ShownRecord> decode_known(std::int16_t type, const EncodedRecord& record) {
    OTTLA_TRY(const protocol::EncodedMessage key, protocol::open_coordinator_key(topic_, *record.key));
    OTTLA_TRY(const std::string key_json, texts_.json_of(key, protocol::Rest::left));
    ShownRecord shown;
    shown.key =
        Shown{.form = Shown::Form::json, .text = fmt::format(R"({{"type":"{}","data":{}}})", type, key_json)};
    if (!record.value) {
      shown.payload = Shown{.form = Shown::Form::text, .text = "<DELETE>"};
      return shown;
    }
    OTTLA_TRY(const protocol::EncodedMessage value,
              protocol::open_coordinator_value(topic_, type, *record.value));
    OTTLA_TRY(std::string value_json, texts_.json_of(value, protocol::Rest::left));
    if (value.message == &GroupMetadataValue::message()) OTTLA_CHECK(open_members(value, value_json));
    shown.payload = Shown{.form = Shown::Form::json,
                          .text = fmt::format(R"({{"version":"{}","data":{}}})", value.version, value_json)};
    return shown;
  }

  // In groups of consumers, what members say to each other is known: it takes the place of its bytes.
  Result<> open_members(const protocol::EncodedMessage& encoded, std::string& json) {
    GroupMetadataValue group;
    OTTLA_CHECK(
        protocol::decode({.bytes = encoded.body, .version = encoded.version, .rest = protocol::Rest::left},
                         texts_.arena(), group));
    if (group.protocol_type != "consumer") return {};
    std::size_t at = 0;
    for (const auto& member : group.members) {
      at = open_field(json, at, "subscription", protocol::ConsumerProtocolSubscription::message(),
                      member.subscription.as_span());
      at = open_field(json, at, "assignment", protocol::ConsumerProtocolAssignment::message(),
                      member.assignment.as_span());
    }
    return {};
  }

  // What cannot be read stays as it is. Returns where the search goes on. A quote within a text of JSON is escaped, so
  // that what is searched for stands nowhere else.
  std::size_t open_field(std::string& json, std::size_t from, std::string_view name,
                         const protocol::MessageInfo& message, std::span<const std::byte> bytes) {
    const std::string value =
        fmt::format("\"{}\"", base64_encode(bytes, Base64Alphabet::standard, Base64Padding::equals));
    const std::string key = fmt::format("\"{}\":", name);
    const std::size_t found = json.find(key + value, from);
    if (found == std::string::npos) return from;
    const std::size_t at = found + key.size();
    const auto opened = protocol::open_versioned(message, bytes);
    if (!opened.ok()) return at;
    const Result<std::string> text = members_.json_of(*opened, protocol::Rest::left);
    if (!text.ok()) return at;
    json.replace(at, value.size(), *text);
    return at + text->size();
  }

  const std::string_view topic_;
  MessageText texts_;
  MessageText members_;
};

}  // namespace

std::unique_ptr<RecordDecoder> make_coordinator_decoder(std::string_view topic) {
  return std::make_unique<CoordinatorDecoder>(topic);
}

}  // namespace ottla::cli
