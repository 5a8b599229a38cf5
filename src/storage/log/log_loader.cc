#include "storage/log/log_loader.h"

#include <memory>

#include "runtime/file_system.h"
#include "storage/log/log.h"

namespace ottla::storage {

Task<Result<void>> LogLoader::load(Log& log) {
  OTTLA_CO_CHECK(
      co_await opening_.tools.file_system->make_directories(opening_.directory, Durability::synced));
  auto segment = std::make_unique<Segment>(log.tools_, log.directory_, opening_.log_start, *opening_.config);
  OTTLA_CO_CHECK(co_await segment->create(*opening_.config));
  log.segments_.push_back(std::move(segment));
  const Offset start = opening_.log_start;
  log.marks_ = {.log_start = start,
                .local_start = start,
                .high_watermark = start,
                .log_end = start,
                .recovery_point = start};
  co_return Result<void>();
}

}  // namespace ottla::storage
