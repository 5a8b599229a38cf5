// Which instructions the processor has, found out at run time, and a way to use fewer of them.
//
// Concurrency: any thread may ask. set_cpu_level() belongs at the start; what it changes is only speed.
// Invariants:  the level in use is never beyond what was detected.
#pragma once

#include <cstdint>
#include <string_view>

namespace ottla {

// Each level includes those below it.
enum class CpuLevel : std::uint8_t {
  portable = 1,  // nothing that the compiler may not assume anyway
  crc,           // CRC-32C instructions: SSE4.2, or ARMv8 with CRC
};

std::string_view name_of(CpuLevel level);

// What this processor can do.
CpuLevel detect_cpu_level();
// What may be used: what was detected, unless a lower level was set.
CpuLevel cpu_level();
// For emulators that lack instructions, and for tests and measurements of the slower paths.
void set_cpu_level(CpuLevel highest);

}  // namespace ottla
