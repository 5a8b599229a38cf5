#include "record/append_rules.h"

#include <string_view>

namespace ottla::record {

std::string_view name_of(RejectReason reason) {
  switch (reason) {
    case RejectReason::invalid_record:
      return "invalid_record";
    case RejectReason::invalid_timestamp:
      return "invalid_timestamp";
    case RejectReason::corrupt:
      return "corrupt";
    case RejectReason::too_large:
      return "too_large";
    case RejectReason::unsupported_compression:
      return "unsupported_compression";
    case RejectReason::undecodable:
      return "undecodable";
    case RejectReason::out_of_order:
      return "out_of_order";
    case RejectReason::unexpected_offset:
      return "unexpected_offset";
  }
  return "unknown";
}

}  // namespace ottla::record
