#include "cli/start/start.h"

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/output.h"
#include "cli/start/serve.h"
#include "runtime/process.h"
#include "runtime/shard.h"

namespace ottla::cli {

Task<Prepared> prepare_start(Process& process, std::vector<std::string> words) {
  StandardOutput out(stdout);
  StandardOutput err(stderr);
  Prepared prepared = co_await prepare_start(process, this_shard().files(), out, err, std::move(words));
  if (!out.flush().ok() && !prepared.plan) prepared.code = 1;
  static_cast<void>(err.flush());  // nobody is left to be told
  co_return prepared;
}

Task<int> serve_node(Process& process, StartPlan plan, Cancel cancel) {
  StandardOutput out(stdout);
  StandardOutput err(stderr);
  const int code = co_await serve_node(process, out, err, std::move(plan), cancel);
  static_cast<void>(out.flush());
  static_cast<void>(err.flush());
  co_return code;
}

bool is_start(const std::vector<std::string>& words) {
  if (words.empty() || words.front().starts_with('-')) return true;
  const std::string_view first = words.front();
  return first.find('/') != std::string_view::npos || first.find('.') != std::string_view::npos;
}

}  // namespace ottla::cli
