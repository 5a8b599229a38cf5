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
#include "record/validator.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "storage/index/index_pages.h"
#include "storage/log/log.h"
#include "storage/log/recent_appends.h"
#include "storage/log/segment_files.h"
#include "storage/producer/producer_append.h"

namespace ottla::exchange {

class LogStand {
 public:
  LogStand()
      : files_(this_shard().files(), 32),
        pages_(256),
        recent_(std::size_t{1} << 20),
        validator_(codecs_, heap_buffers()) {}

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
                               .tools = {.file_system = &this_shard().files(),
                                         .files = &files_,
                                         .pages = &pages_,
                                         .recent = &recent_,
                                         .validator = &validator_,
                                         .codecs = &codecs_,
                                         .guards = &guards_,
                                         .producer_append = &producer_append_},
                               .log_start = found.log_start,
                               .recovery_point = found.recovery_point,
                               .clean_shutdown = found.clean,
                               .producers = kForEver});
  }
  record::CodecPool& codecs() { return codecs_; }
  Task<void> close() { return files_.close(); }

 private:
  storage::SegmentFiles files_;
  storage::IndexPages pages_;
  storage::RecentAppends recent_;
  record::CodecPool codecs_;
  record::Validator validator_;
  storage::VerificationGuards guards_;
  storage::ProducerAppend producer_append_;
};

}  // namespace ottla::exchange
