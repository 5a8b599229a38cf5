// All that a log tells, one fact a line: what it holds and what it answers. java/Tell.java prints the same lines for
// the reference's log.
//
// Use:         OTTLA_CO_TRY(const std::string facts, co_await tell(*log, codecs));
// Lifetime:    of the log and the codecs, for the call.
// Concurrency: confined to the log's shard.
// Errors:      those of the log; corrupt for records that cannot be read.
#pragma once

#include <string>

#include "base/result.h"
#include "record/compression/codec_pool.h"
#include "runtime/task.h"
#include "storage/log/log.h"

namespace ottla::exchange {

Task<Result<std::string>> tell(storage::Log& log, record::CodecPool& codecs);

}  // namespace ottla::exchange
