// What logs need around them, on one shard: a place to open them at.
//
// Lifetime:    outlives its logs; close() when all of them are closed.
// Concurrency: confined to its shard.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "base/offset.h"
#include "base/result.h"
#include "record/compression/codec_pool.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "storage/log/log.h"
#include "storage/log/log_toolbox.h"

namespace ottla::exchange {

class LogStand {
 public:
  LogStand()
      : box_(this_shard().files(),
             {.descriptors = 32, .index_pages = 256, .recent_bytes = std::size_t{1} << 20}) {}

  struct Found {
    bool clean = true;
    Offset log_start = Offset(0);
    Offset recovery_point = Offset(0);
  };
  Task<Result<std::unique_ptr<storage::Log>>> open(std::string directory, storage::LogConfig config,
                                                   Found found) {
    // Times of the records are of long ago; nothing may be forgotten for that.
    constexpr storage::ProducerOptions kForEver{.expiration_ms = std::numeric_limits<std::int64_t>::max() / 4,
                                                .verifies_transactions = false};
    const std::string name = directory.substr(directory.rfind('/') + 1);
    return storage::Log::open({.directory = std::move(directory),
                               .partition = name,
                               .config = std::make_shared<const storage::LogConfig>(config),
                               .tools = box_.tools(),
                               .log_start = found.log_start,
                               .recovery_point = found.recovery_point,
                               .clean_shutdown = found.clean,
                               .producers = kForEver});
  }
  record::CodecPool& codecs() { return *box_.tools().codecs; }
  Task<void> close() { return box_.close(); }

 private:
  storage::LogToolbox box_;
};

}  // namespace ottla::exchange
