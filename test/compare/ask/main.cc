// ottla-ask HOST:PORT...: puts requests from standard input, a line each, and answers each with a line (see asker.h).
#include <cstdio>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "runtime/cancel.h"
#include "runtime/linux/linux_process.h"
#include "runtime/process.h"
#include "runtime/task.h"
#include "test/compare/ask/asker.h"

namespace {

using ottla::Cancel;
using ottla::Process;
using ottla::Task;

Task<int> answer_lines(std::vector<std::string> servers, Cancel cancel) {
  ottla::node_compare::Asker asker(std::move(servers));
  std::string line;
  // Nothing happens on this shard between two lines, so that reading may block it.
  while (std::getline(std::cin, line)) std::cout << co_await asker.ask(line, cancel) << std::endl;
  co_await asker.close();
  co_return 0;
}

}  // namespace

int main(int count, char** words) {
  if (count < 2) {
    std::fputs("ottla-ask HOST:PORT...\n", stderr);
    return 2;
  }
  std::vector<std::string> servers(words + 1, words + count);
  return ottla::run_linux_process(
      {.shards = 1}, [servers](Process&, Cancel cancel) { return answer_lines(servers, std::move(cancel)); });
}
