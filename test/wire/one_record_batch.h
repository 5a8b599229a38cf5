// A record batch with one record, as a producer sends it: enough to see data come back.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/slice.h"

namespace ottla::wire_check {

Slice one_record_batch(std::string_view value, std::int64_t timestamp_ms);

}  // namespace ottla::wire_check
