// What a Produce request's records for one partition must be before any log is asked: one batch of magic 2.
//
// When next_bounds() fails for the first batch, the reference fails the whole request, all of its partitions, and says
// why in words; all else fails the partition without words.
//
// Lifetime:    a value.
// Concurrency: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "record/append_rules.h"

namespace ottla::record {

// Nothing when they may go on to the log. `version`: of the Produce request; zstd came with 7.
std::optional<Rejection> check_produced(std::span<const std::byte> records, std::int16_t version);

}  // namespace ottla::record
