// How much a log line matters, and the table that says which lines each module lets through.
//
// Lifetime:    LogLevels outlives every Logger that was made from it.
// Concurrency: shared by all shards without locks; a change of level shows on the other shards soon.
// Invariants:  1. a module keeps its slot for ever, so that a Logger may hold a reference to it
//              2. two modules of one name are one module
// Limits:      kMaxModules names; what is declared beyond shares the slot "other".
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ottla {

enum class LogLevel : std::uint8_t { trace, debug, info, warn, error, off };

// "info"; parsing takes any case.
std::string_view name_of(LogLevel level);
Result<LogLevel> parse_log_level(std::string_view name);

// Lower-case words, as in module names and field keys: they need no escaping in any format.
constexpr bool is_log_word(std::string_view word) {
  if (word.empty() || word.size() > 64) return false;
  for (const char c : word) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.')) return false;
  }
  return true;
}

// A part of the program whose level can be set on its own: inline constexpr LogModule kLogModule("storage");
class LogModule {
 public:
  consteval explicit LogModule(const char* name) : name_(name) {
    if (!is_log_word(name)) throw "a module's name is [a-z0-9_.]+, at most 64 long";
  }
  constexpr std::string_view name() const { return name_; }

 private:
  friend class LogLevels;
  const char* name_;  // static, ends in zero
};

class LogLevels {
 public:
  static constexpr std::size_t kMaxModules = 128;

  struct Slot {
    std::atomic<const char*> name{nullptr};  // set once
    std::atomic<LogLevel> level{LogLevel::info};
  };
  struct Entry {
    std::string_view module;
    LogLevel level;
  };

  explicit LogLevels(LogLevel initial = LogLevel::info);
  LogLevels(const LogLevels&) = delete;
  LogLevels& operator=(const LogLevels&) = delete;

  // The module's slot, made on first sight; lasts as long as this table.
  const Slot& declare(LogModule module);

  // not_found, with the names that exist, unless the module has been declared.
  Result<> set(std::string_view module, LogLevel level);
  Result<LogLevel> get(std::string_view module) const;
  // Also the level of modules that are declared later.
  void set_all(LogLevel level);
  // Sorted by name.
  std::vector<Entry> list() const;

 private:
  Slot* find(std::string_view module);

  std::array<Slot, kMaxModules> slots_;  // slot 0 is "other"; free ones carry the level of set_all()
};

}  // namespace ottla
