#include "storage/log/segment_swap.h"

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/file_system.h"
#include "runtime/task.h"
#include "storage/log/segment.h"

namespace ottla::storage {

Task<Result<void>> swap_segments(FileSystem* files, Segment* cleaned, std::vector<Segment*> replaced) {
  const std::string directory = cleaned->name().directory();
  OTTLA_CO_CHECK(co_await cleaned->rename(FileStage::swap));
  for (Segment* const old : replaced) OTTLA_CO_CHECK(co_await old->rename(FileStage::deleted));
  OTTLA_CO_CHECK(co_await files->sync_directory(directory));
  OTTLA_CO_CHECK(co_await cleaned->rename(FileStage::in_use));
  co_return co_await files->sync_directory(directory);
}

}  // namespace ottla::storage
