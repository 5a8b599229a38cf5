// What this machine can do at all, beside which a broker's figures say something.
#pragma once

#include <string>

#include "bench/load/arguments.h"

namespace ottla::bench {

// Loopback, writes into the page cache, sendfile, fdatasync of as many files by as many threads, and a bare echo.
std::string machine_limits(const Arguments& arguments);
// Appends of 1 KiB by bare threads, each synced before the next one of its thread.
std::string synced_limit(const Arguments& arguments);
// A file of the page cache, sent by bare sendfile to somebody who throws it away.
std::string sendfile_limit(const Arguments& arguments);
// A bare echo of 64 bytes for so many seconds: the noise that no broker can be below.
std::string echo_floor(double seconds);

}  // namespace ottla::bench
