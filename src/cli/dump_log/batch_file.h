// The batches of a segment or a snapshot, one after the other, of any message format, whatever the bytes hold.
//
// Use:         BatchFile batches(file, end);
//              for (;;) { OTTLA_CO_TRY(auto batch, co_await batches.next()); if (!batch) break; … }
// Lifetime:    over a file that outlives it.
// Concurrency: confined to one shard.
// Invariants:  1. memory is bounded by kMostLoaded, and by a window of a megabyte unless a batch is loaded
//              2. next() gives what lies whole within the end; position() is where the rest begins
// Errors:      corrupt, for a length or a magic that no batch has; too_large, of load(); those of the file. All name
//              the position.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/result.h"
#include "cli/dump_log/file_window.h"
#include "cli/dump_log/report.h"
#include "runtime/task.h"

namespace ottla {
class File;
}

namespace ottla::cli {

enum class Checksums : std::uint8_t { skipped, compared };

class BatchFile {
 public:
  static constexpr std::uint64_t kMostLoaded = std::uint64_t{256} << 20;

  BatchFile(File& file, std::uint64_t begin, std::uint64_t end)
      : window_(file), position_(begin), end_(end) {}

  // Nothing when no whole batch is left. `valid` is set only where checksums are compared.
  Task<Result<std::optional<BatchFacts>>> next(Checksums checksums);
  // All bytes of that batch; valid until the next call of this object.
  Task<Result<std::span<const std::byte>>> load(std::uint64_t position, std::uint64_t size);

  std::uint64_t position() const { return position_; }

 private:
  Task<Result<BatchFacts>> read_header(std::uint64_t size, std::int8_t magic);
  Task<Result<bool>> checksum_holds(std::uint64_t position, std::uint64_t size, std::int8_t magic,
                                    std::uint32_t said);

  FileWindow window_;
  std::uint64_t position_;
  const std::uint64_t end_;
};

}  // namespace ottla::cli
