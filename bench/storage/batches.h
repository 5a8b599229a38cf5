// Batches as producers send them, for the rows of this benchmark.
#pragma once

#include <cstddef>

#include "base/slice.h"
#include "record/batch_layout.h"

namespace ottla::bench {

// Of about `size` bytes before compression: records of `record` bytes each, text as logs have it.
Slice make_batch(std::size_t size, std::size_t record, record::Compression codec = record::Compression::none);

}  // namespace ottla::bench
