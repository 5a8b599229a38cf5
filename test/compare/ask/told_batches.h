// What a server sent of a log, told batch by batch and record by record, so that people see where two differ.
//
// Use:         tell_batches(out, bytes);      an array, an object for each batch; what is cut off at the end is one too
// Lifetime:    nothing is kept.
// Concurrency: pure.
#pragma once

#include <cstddef>
#include <span>

#include "base/json_text.h"

namespace ottla::node_compare {

void tell_batches(JsonText& out, std::span<const std::byte> bytes);

}  // namespace ottla::node_compare
