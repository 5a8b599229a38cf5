#include "base/log_level.h"

#include <algorithm>
#include <string>

namespace ottla {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"trace", "debug", "info", "warn", "error", "off"};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string_view name_of(LogLevel level) {
  const auto index = static_cast<std::size_t>(level);
  return index < kNames.size() ? kNames[index] : "unknown";
}

Result<LogLevel> parse_log_level(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (std::ranges::equal(kNames[i], name, {}, {}, lower)) return static_cast<LogLevel>(i);
  }
  return Error(Errc::invalid_argument, "log level '" + std::string(name) +
                                           "' does not exist; use trace, debug, info, warn, error or off");
}

LogLevels::LogLevels(LogLevel initial) {
  set_all(initial);
  declare(LogModule("other"));
}

const LogLevels::Slot& LogLevels::declare(LogModule module) {
  for (Slot& slot : slots_) {
    const char* name = slot.name.load(std::memory_order_acquire);
    // On failure `name` is what another shard has put there meanwhile.
    if (name == nullptr && slot.name.compare_exchange_strong(name, module.name_, std::memory_order_acq_rel)) {
      return slot;
    }
    if (module.name() == name) return slot;
  }
  return slots_[0];
}

LogLevels::Slot* LogLevels::find(std::string_view module) {
  for (Slot& slot : slots_) {
    const char* name = slot.name.load(std::memory_order_acquire);
    if (name == nullptr) return nullptr;
    if (module == name) return &slot;
  }
  return nullptr;
}

Result<> LogLevels::set(std::string_view module, LogLevel level) {
  Slot* slot = find(module);
  if (slot == nullptr) {
    std::string text = "no log module is called '" + std::string(module) + "'; there are:";
    for (const Entry& entry : list()) (text += ' ') += entry.module;
    return Error(Errc::not_found, std::move(text));
  }
  slot->level.store(level, std::memory_order_relaxed);
  return {};
}

Result<LogLevel> LogLevels::get(std::string_view module) const {
  for (const Entry& entry : list()) {
    if (entry.module == module) return entry.level;
  }
  return Errc::not_found;
}

void LogLevels::set_all(LogLevel level) {
  for (Slot& slot : slots_) slot.level.store(level, std::memory_order_relaxed);
}

std::vector<LogLevels::Entry> LogLevels::list() const {
  std::vector<Entry> entries;
  for (const Slot& slot : slots_) {
    const char* name = slot.name.load(std::memory_order_acquire);
    if (name == nullptr) break;
    entries.push_back({name, slot.level.load(std::memory_order_relaxed)});
  }
  std::ranges::sort(entries, {}, &Entry::module);
  return entries;
}

}  // namespace ottla
