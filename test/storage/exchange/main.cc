// ottla-storage-exchange: what `run` needs of our side.
//
//   tell LIST                 opens logs and writes down what they tell; told_list.h
//   write CLEAN CRASHED       writes partitions into two log directories of a stopped node; given_directories.h
//   corpus FOLDER             writes a new folder for test/storage/corpus; given_directories.h
//   produce HOST PORT         goes on producing to these partitions on the running node; sender.h
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "runtime/cancel.h"
#include "runtime/linux/linux_process.h"
#include "runtime/process.h"
#include "runtime/task.h"
#include "test/storage/exchange/given_directories.h"
#include "test/storage/exchange/sender.h"
#include "test/storage/exchange/told_list.h"

namespace {

using ottla::Cancel;
using ottla::Errc;
using ottla::Error;
using ottla::Process;
using ottla::Result;
using ottla::Task;

Task<Result<void>> obey(std::vector<std::string> words, Cancel cancel) {
  if (words.size() == 2 && words[0] == "tell") co_return co_await ottla::exchange::tell_list(words[1]);
  if (words.size() == 3 && words[0] == "write") {
    co_return co_await ottla::exchange::write_directories(words[1], words[2]);
  }
  if (words.size() == 2 && words[0] == "corpus") co_return co_await ottla::exchange::write_corpus(words[1]);
  if (words.size() == 3 && words[0] == "produce") {
    co_return co_await ottla::exchange::send_more(
        words[1], static_cast<std::uint16_t>(std::atoi(words[2].c_str())), cancel);
  }
  co_return Error(Errc::invalid_argument,
                  "tell LIST | write CLEAN CRASHED | corpus FOLDER | produce HOST PORT");
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
