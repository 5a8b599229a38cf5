// Batches as producers send them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/slice.h"
#include "record/batch_layout.h"

namespace ottla::bench {

inline constexpr std::int64_t kFirstTime = 1'700'000'000'000;

// Of about `size` bytes before compression, or of one record: records of `record` bytes each, text as logs have it, a
// millisecond after each other from `first_time` on.
Slice make_batch(std::size_t size, std::size_t record, record::Compression codec = record::Compression::none,
                 std::int64_t first_time = kFirstTime);

}  // namespace ottla::bench
