// What a process has used so far, as the kernel counts it: of the broker that is under load.
//
// Errors: a process that is gone ends the benchmark with the reason.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace ottla::bench {

struct Used {
  double cpu_s = 0;
  double user_s = 0;
  std::uint64_t switches = 0;  // of context, voluntary ones and others
  std::uint64_t written = 0;   // bytes that it made dirty
  std::uint64_t calls = 0;     // of read and write, in all their forms that the kernel counts

  Used operator-(const Used& before) const {
    return {cpu_s - before.cpu_s, user_s - before.user_s, switches - before.switches,
            written - before.written, calls - before.calls};
  }
  // With the peak of resident memory beside it.
  std::string json(double peak_mib) const;
};

Used used_by(pid_t process);
// Since it began, or since the last forget_peak().
double peak_mib(pid_t process);
void forget_peak(pid_t process);

}  // namespace ottla::bench
