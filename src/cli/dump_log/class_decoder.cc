#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/endian.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/result.h"
#include "cli/dump_log/record_decoder.h"
#include "cli/dump_log/report.h"

namespace ottla::cli {
namespace {

using Bytes = std::span<const std::byte>;
using Decode = Result<Shown> (*)(Bytes);

Result<Shown> as_text(Bytes bytes) {
  return Shown{.form = Shown::Form::text,
               .text = std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())};
}

Result<Shown> as_bytes(Bytes bytes) {
  return Shown{.form = Shown::Form::bytes,
               .text = std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())};
}

// More bytes than the number has are passed over, as in the reference.
template <typename T>
Result<Shown> as_number(Bytes bytes) {
  if (bytes.size() < sizeof(T)) {
    return Error(Errc::malformed, fmt::format("{} bytes are no number of {}", bytes.size(), sizeof(T)));
  }
  return Shown{.form = Shown::Form::json, .text = fmt::format("{}", load_big_endian<T>(bytes.data()))};
}

struct Class {
  std::string_view name;
  Decode decode;
};
constexpr Class kClasses[] = {
    {"org.apache.kafka.tools.api.StringDecoder", as_text},
    {"org.apache.kafka.tools.api.IntegerDecoder", as_number<std::int32_t>},
    {"org.apache.kafka.tools.api.LongDecoder", as_number<std::int64_t>},
    {"org.apache.kafka.tools.api.DefaultDecoder", as_bytes},
};

Result<Decode> find_class(std::string_view name) {
  std::string known;
  for (const Class& each : kClasses) {
    if (each.name == name) return each.decode;
    known += fmt::format("\n  {}", each.name);
  }
  return Error(Errc::invalid_argument,
               fmt::format("Failed to load decoder class {}: Ottla runs no Java, and has these built in:{}",
                           name, known));
}

class ClassDecoder final : public RecordDecoder {
 public:
  ClassDecoder(Decode key, Decode value) : key_(key), value_(value) {}

  Result<ShownRecord> decode(const EncodedRecord& record) override {
    ShownRecord shown;
    if (record.key) {
      OTTLA_TRY(shown.key, key_(*record.key));
    }
    if (record.value) {
      OTTLA_TRY(shown.payload, value_(*record.value));
    }
    return shown;
  }

 private:
  Decode key_;
  Decode value_;
};

}  // namespace

Result<std::unique_ptr<RecordDecoder>> make_class_decoder(std::string_view key_class,
                                                          std::string_view value_class) {
  OTTLA_TRY(const Decode value, find_class(value_class));
  OTTLA_TRY(const Decode key, find_class(key_class));
  return std::make_unique<ClassDecoder>(key, value);
}

}  // namespace ottla::cli
