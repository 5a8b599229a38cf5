#include "base/log.h"

#include "base/log_record.h"

namespace ottla {

void LogSource::write(std::string_view module, Site site, std::string_view text, std::string_view file,
                      std::span<const LogField> fields) {
  const std::int64_t now = clock_.since_epoch().count();
  const LogRateLimiter::Verdict verdict = limiter_.admit(site.id, now);
  if (!verdict.admitted) return;
  std::array<std::byte, kMaxLogRecord> record;
  const std::size_t size = encode_log_record(record,
                                             {.time_ns = now,
                                              .module = module,
                                              .message = text,
                                              .file = file,
                                              .line = site.line,
                                              .shard = shard_,
                                              .suppressed = verdict.suppressed_before,
                                              .level = site.level},
                                             fields);
  buffer_.try_push(std::span(record).first(size));
}

}  // namespace ottla
