// ottla-quorum-exchange: what `run` needs of our side. What is told goes to standard output, a line each.
//
//   format DIR CLUSTER NODE static|none|CONTROLLERS [FEATURE=LEVEL...]   as `kafka-storage format` would
//   show DIR                                             what a metadata log says, as the metadata shell shows it
//   use DIR CLUSTER NODE ID PORT static|dynamic TOPIC    leads a quorum of one, and makes a topic and a snapshot
//   observe DIR CLUSTER NODE ID PORT OFFSET              follows a running quorum up to that offset
//   vote DIR CLUSTER NODE ID PORTS                       is one of several voters until standard input ends
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "runtime/cancel.h"
#include "runtime/linux/linux_process.h"
#include "runtime/process.h"
#include "runtime/task.h"
#include "test/quorum/exchange/directories.h"
#include "test/quorum/exchange/members.h"

namespace {

using ottla::Cancel;
using ottla::Errc;
using ottla::Error;
using ottla::Process;
using ottla::Result;
using ottla::Task;
using namespace ottla::exchange;

Task<Result<void>> obey(std::vector<std::string> words, Cancel cancel) {
  const std::string verb = words.empty() ? "" : words.front();
  if (verb == "format" && words.size() >= 5) co_return co_await format_directory(std::move(words));
  if (verb == "show" && words.size() == 2) co_return co_await show_directory(words[1]);
  if (verb == "use" && words.size() == 8) co_return co_await use_directory(std::move(words), cancel);
  if (verb == "observe" && words.size() == 7) co_return co_await observe(std::move(words), cancel);
  if (verb == "vote" && words.size() == 6) co_return co_await vote(std::move(words), cancel);
  co_return Error(Errc::invalid_argument, "format | show | use | observe | vote; see main.cc");
}

Task<int> serve(std::vector<std::string> words, Cancel cancel) {
  const Result<void> done = co_await obey(std::move(words), cancel);
  if (done.ok()) co_return 0;
  std::fprintf(stderr, "%s\n", done.error().to_string().c_str());
  co_return 1;
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string> all(words + 1, words + count);
  return ottla::run_linux_process({.shards = 1},
                                  [all](Process&, Cancel cancel) { return serve(all, cancel); });
}
