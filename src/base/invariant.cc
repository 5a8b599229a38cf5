#include "base/invariant.h"

#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

namespace ottla {
namespace {

// The one global of this floor: an abort has no context to carry it.
std::atomic<InvariantHook> g_hook{nullptr};

}  // namespace

InvariantHook set_invariant_hook(InvariantHook hook) {
  return g_hook.exchange(hook);
}

namespace invariant_internal {

void fail(std::source_location where, const char* condition, std::string_view text, std::string operands) {
  std::string report = "invariant broken: ";
  report += text;
  report += "\n  at ";
  report += where.file_name();
  report += ':';
  report += std::to_string(where.line());
  report += " in ";
  report += where.function_name();
  report += "\n  condition: ";
  report += condition;
  if (!operands.empty()) {
    report += "\n  operands: ";
    report += operands;
  }
  report += '\n';
  std::fwrite(report.data(), 1, report.size(), stderr);
  std::fflush(stderr);
  if (InvariantHook hook = g_hook.exchange(nullptr)) hook(report);
  std::abort();
}

std::string show(bool value) {
  return value ? "true" : "false";
}
std::string show(long long value) {
  return std::to_string(value);
}
std::string show(unsigned long long value) {
  return std::to_string(value);
}
std::string show(double value) {
  return std::to_string(value);
}
std::string show(std::string_view value) {
  return '"' + std::string(value) + '"';
}
std::string show(const void* value) {
  return value == nullptr ? "null" : "set";
}

}  // namespace invariant_internal
}  // namespace ottla
