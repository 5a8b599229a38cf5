#include "protocol/fault.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "protocol/schema.h"

namespace ottla::protocol {
namespace {

Errc code_of(Fault fault) {
  switch (fault) {
    case Fault::truncated:
    case Fault::too_many:
      return Errc::truncated;
    case Fault::out_of_memory:
      return Errc::out_of_budget;
    case Fault::no_such_version:
      return Errc::unsupported;
    case Fault::too_long:
      return Errc::too_large;
    case Fault::not_in_version:
    case Fault::misplaced_tag:
      return Errc::invalid_argument;
    default:
      return Errc::malformed;
  }
}

std::string text_of(const FaultDetail& detail, std::int16_t version) {
  const auto signed_value = static_cast<std::int64_t>(detail.value);
  switch (detail.fault) {
    case Fault::none:
      break;
    case Fault::truncated:
      return fmt::format("{} bytes left, {} needed", detail.left, detail.value);
    case Fault::malformed_varint:
      return "not a varint, or cut off";
    case Fault::bad_length:
      return fmt::format("{} is not a length", signed_value);
    case Fault::unexpected_null:
      return fmt::format("null, which version {} does not allow", version);
    case Fault::too_many:
      return fmt::format("{} elements cannot lie in {} bytes", detail.value, detail.left);
    case Fault::tag_size:
      return fmt::format("{} bytes more in the tagged field than its value has", detail.value);
    case Fault::foreign_tag:
      return fmt::format("tag {} stands for a field that version {} has not", detail.value, version);
    case Fault::out_of_memory:
      return fmt::format("no memory left in the budget for {} bytes", detail.value);
    case Fault::trailing_bytes:
      return fmt::format("{} bytes behind its end", detail.value);
    case Fault::no_such_version:
      return fmt::format("there is no version {}", version);
    case Fault::too_long:
      return fmt::format("{} bytes are more than the wire can say", detail.value);
    case Fault::not_in_version:
      return fmt::format("set, but version {} cannot carry it", version);
    case Fault::misplaced_tag:
      return fmt::format("unknown tag {} is out of order or has the number of a field", detail.value);
  }
  return "no fault";
}

}  // namespace

std::string FaultPath::render(const char* message) const {
  std::string text = message;
  for (std::size_t i = depth_; i-- > 0;) {
    text += fmt::format(".{}", steps_[i].field->name);
    if (steps_[i].index >= 0) text += fmt::format("[{}]", steps_[i].index);
  }
  return text;
}

Error decode_error(const MessageInfo& message, std::int16_t version, const FaultDetail& detail,
                   const FaultPath& path) {
  if (detail.fault == Fault::no_such_version) return encode_error(message, version, detail, path);
  return {code_of(detail.fault), fmt::format("{}: {} (version {}, byte {})", path.render(message.name),
                                             text_of(detail, version), version, detail.position)};
}

Error encode_error(const MessageInfo& message, std::int16_t version, const FaultDetail& detail,
                   const FaultPath& path) {
  // A null that cannot be written is the caller's mistake, not a malformed message.
  const Errc code = detail.fault == Fault::unexpected_null ? Errc::invalid_argument : code_of(detail.fault);
  return {code, fmt::format("{}: {}", path.render(message.name), text_of(detail, version))};
}

}  // namespace ottla::protocol
