// Structured log lines that never block a shard.
//
// Use:         class Log { Logger log_;  … log_.info("rolled segment", field("base_offset", offset)); };
// Way:         Logger (one module) → LogSource (one shard) → LogBuffer → LogDrain → LogSink.
// Cost:        a line below its module's level costs a load and a branch; a written one allocates nothing.
// Lifetime:    a Logger is a handle, copied freely; its LogSource and LogLevels outlive it.
// Concurrency: LogSource and its Loggers are confined to one shard.
// Limits:      a full buffer drops lines, a busy call-site is held back (LogRateLimit); both are counted.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <span>
#include <string_view>

#include "base/log_buffer.h"
#include "base/log_field.h"
#include "base/log_level.h"
#include "base/log_rate_limit.h"

namespace ottla {

// A literal of one line and the place in the program where it stands.
class LogMessage {
 public:
  consteval LogMessage(const char* text, std::source_location where = std::source_location::current())
      : text_(text), file_(base_name(where.file_name())), line_(where.line()) {
    for (const char c : text_) {
      if (static_cast<unsigned char>(c) < ' ') throw "a log message is one line of text";
    }
    // FNV-1a over what does not depend on where the tree was checked out.
    for (const char c : file_) site_ = (site_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    for (const char c : text_) site_ = (site_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    site_ = ((site_ ^ line_) * 0x100000001b3U) | 1U;
  }
  constexpr std::string_view text() const { return text_; }
  constexpr std::string_view file() const { return file_; }
  constexpr std::uint32_t line() const { return line_; }
  constexpr std::uint64_t site() const { return site_; }

 private:
  static consteval std::string_view base_name(std::string_view path) {
    return path.substr(path.find_last_of('/') + 1);
  }

  std::string_view text_;
  std::string_view file_;
  std::uint32_t line_;
  std::uint64_t site_ = 0xcbf29ce484222325U;  // never zero
};

// Wall time for the lines: from the outside in production, from the world in simulation.
class LogClock {
 public:
  virtual std::chrono::nanoseconds since_epoch() = 0;

 protected:
  ~LogClock() = default;
};

class Logger;

// A shard's end of the log.
class LogSource {
 public:
  LogSource(LogBuffer& buffer, LogLevels& levels, LogClock& clock, std::uint32_t shard,
            LogRateLimit limit = {})
      : buffer_(buffer), levels_(levels), clock_(clock), shard_(shard), limiter_(limit) {}
  LogSource(const LogSource&) = delete;
  LogSource& operator=(const LogSource&) = delete;

  Logger logger(LogModule module);

  std::uint64_t dropped() const { return buffer_.dropped(); }
  std::uint64_t suppressed() const { return limiter_.suppressed(); }

 private:
  friend class Logger;
  struct Site {
    LogLevel level;
    std::uint32_t line;
    std::uint64_t id;
  };
  [[gnu::cold]] void write(std::string_view module, Site site, std::string_view text, std::string_view file,
                           std::span<const LogField> fields);

  LogBuffer& buffer_;
  LogLevels& levels_;
  LogClock& clock_;
  const std::uint32_t shard_;
  LogRateLimiter limiter_;
};

class Logger {
 public:
  // Silent: for tests and for parts that run without a log.
  Logger() = default;

  bool enabled(LogLevel level) const { return level >= level_->load(std::memory_order_relaxed); }

  template <std::same_as<LogField>... Fields>
  void trace(LogMessage message, const Fields&... fields) const {
    log(LogLevel::trace, message, fields...);
  }
  template <std::same_as<LogField>... Fields>
  void debug(LogMessage message, const Fields&... fields) const {
    log(LogLevel::debug, message, fields...);
  }
  template <std::same_as<LogField>... Fields>
  void info(LogMessage message, const Fields&... fields) const {
    log(LogLevel::info, message, fields...);
  }
  template <std::same_as<LogField>... Fields>
  void warn(LogMessage message, const Fields&... fields) const {
    log(LogLevel::warn, message, fields...);
  }
  template <std::same_as<LogField>... Fields>
  void error(LogMessage message, const Fields&... fields) const {
    log(LogLevel::error, message, fields...);
  }
  // For a level that is known only at run time.
  template <std::same_as<LogField>... Fields>
  void log(LogLevel level, LogMessage message, const Fields&... fields) const {
    if (enabled(level)) [[unlikely]] {
      // Put together here, from parts in registers, so that a disabled line stores nothing.
      const std::array<LogField, sizeof...(Fields)> all{fields...};
      source_->write(module_, {level, message.line(), message.site()}, message.text(), message.file(), all);
    }
  }

 private:
  friend class LogSource;
  Logger(LogSource& source, const LogLevels::Slot& slot)
      : source_(&source), level_(&slot.level), module_(slot.name.load(std::memory_order_relaxed)) {}

  // Above every level that a line can have.
  static constexpr std::atomic<LogLevel> kSilent{LogLevel{0xFF}};

  LogSource* source_ = nullptr;
  const std::atomic<LogLevel>* level_ = &kSilent;
  std::string_view module_;
};

inline Logger LogSource::logger(LogModule module) {
  return {*this, levels_.declare(module)};
}

}  // namespace ottla
