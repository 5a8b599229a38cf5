#include "base/cpu.h"

#include <algorithm>
#include <atomic>

#if defined(__aarch64__)
  #include <sys/auxv.h>
#endif

namespace ottla {
namespace {

// Not detected yet while 0. Threads that race here detect the same.
constinit std::atomic<std::uint8_t> g_level{0};

}  // namespace

std::string_view name_of(CpuLevel level) {
  return level == CpuLevel::portable ? "portable" : "crc";
}

CpuLevel detect_cpu_level() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("sse4.2")) return CpuLevel::crc;
#elif defined(__aarch64__)
  constexpr unsigned long kCrc32 = 1UL << 7;  // HWCAP_CRC32
  if ((getauxval(AT_HWCAP) & kCrc32) != 0) return CpuLevel::crc;
#endif
  return CpuLevel::portable;
}

CpuLevel cpu_level() {
  const std::uint8_t level = g_level.load(std::memory_order_relaxed);
  if (level == 0) [[unlikely]] {
    set_cpu_level(detect_cpu_level());
    return cpu_level();
  }
  return static_cast<CpuLevel>(level);
}

void set_cpu_level(CpuLevel highest) {
  const CpuLevel level = std::min(highest, detect_cpu_level());
  g_level.store(static_cast<std::uint8_t>(level), std::memory_order_relaxed);
}

}  // namespace ottla
