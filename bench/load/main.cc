// ./dev bench load VERB [--KEY VALUE...]: a load for any broker of this protocol, told as one line of JSON.
#include <cstdio>
#include <exception>
#include <span>
#include <stdexcept>
#include <string>

#include "bench/load/arguments.h"
#include "bench/load/limits.h"
#include "bench/load/verbs.h"
#include "bench/measure.h"
#include "runtime/process.h"
#include "runtime/task.h"

namespace ottla::bench {
namespace {

std::string told(const Arguments& arguments) {
  if (arguments.verb == "limits") return machine_limits(arguments);
  if (arguments.verb == "synced") return synced_limit(arguments);
  if (arguments.verb == "sendfile") return sendfile_limit(arguments);
  if (arguments.verb == "echo") return echo_floor(arguments.seconds);
  if (!is_verb(arguments.verb))
    throw std::runtime_error("there is no verb '" + arguments.verb + "'; --help names them");
  std::string line;
  in_process(1, [&](Process&, Cancel cancel) -> Task<double> {
    line = co_await run_verb(arguments, cancel);
    co_return 0;
  });
  return line;
}

}  // namespace
}  // namespace ottla::bench

int main(int argc, char** argv) {
  const auto arguments = ottla::bench::parse(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  try {
    std::puts(ottla::bench::told(arguments).c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "load: %s\n", error.what());
    return 1;
  }
  return 0;
}
