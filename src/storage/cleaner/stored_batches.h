// The checks that a stored batch passes before the cleaner looks into it: what is wrong is found here, and not by
// whoever reads the segment that the cleaner wrote.
//
// Concurrency: pure.
// Errors:      corrupt, for a checksum or a header that cannot be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"
#include "record/batch_view.h"
#include "record/legacy_view.h"

namespace ottla::storage {

// Of whole batches.
std::int8_t magic_of(std::span<const std::byte> batch);
// Without a look at its checksum.
Result<record::BatchView> measured_batch(std::span<const std::byte> batch);
Result<void> check_sum(const record::BatchView& batch);
Result<record::BatchView> checked_batch(std::span<const std::byte> batch);
Result<record::LegacyView> checked_message(std::span<const std::byte> batch);

}  // namespace ottla::storage
