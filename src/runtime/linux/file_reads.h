// Reading from the real disk: inline while the bytes are in the page cache, on helpers when they are not.
//
// Concurrency: on any shard; several reads of one file run side by side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"
#include "runtime/linux/open_file.h"
#include "runtime/task.h"

namespace ottla {

// Fewer bytes than asked for only at the end of the file.
Task<Result<std::size_t>> read_file(const OpenFile& file, std::uint64_t offset, std::span<std::byte> into);
// True when the page cache is known to hold every page of the range; one cheap system call. A range that goes
// beyond the end of the file is not held.
bool all_cached(const OpenFile& file, std::uint64_t offset, std::uint64_t length);
// How many bytes from `offset` on are there, of a range whose pages are all cached: some may still be on their way from the
// disk, and whoever sends them waits for it.
std::uint64_t arrived_part(const OpenFile& file, std::uint64_t offset, std::uint64_t length);
// True when some page of the range, as far as the file reaches, is not in the page cache.
bool read_would_block(const OpenFile& file, std::uint64_t offset, std::uint64_t length);
// Reads the range into the page cache, a bounded step a helper's job.
Task<Result<void>> warm_file(const OpenFile& file, std::uint64_t offset, std::uint64_t length);

}  // namespace ottla
