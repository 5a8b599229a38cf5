#include "base/log.h"

#include "base/log_record.h"

namespace ottla {

void LogSource::write(std::string_view module, LogLevel level, const LogMessage& message,
                      std::span<const LogField> fields) {
  const std::int64_t now = clock_.since_epoch().count();
  const LogRateLimiter::Verdict verdict = limiter_.admit(message.site(), now);
  if (!verdict.admitted) return;
  std::array<std::byte, kMaxLogRecord> record;
  const std::size_t size = encode_log_record(record,
                                             {.time_ns = now,
                                              .module = module,
                                              .message = message.text(),
                                              .file = message.file(),
                                              .line = message.line(),
                                              .shard = shard_,
                                              .suppressed = verdict.suppressed_before,
                                              .level = level},
                                             fields);
  buffer_.try_push(std::span(record).first(size));
}

}  // namespace ottla
