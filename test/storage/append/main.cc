// ottla-append-check HOST PORT [NAME]: sends good and bad batches to a running Apache Kafka and to our own validator,
// prints where they part, ends with "N passed, N failed". With NAME, only the cases whose names have it in them.
#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "rpc/client_connection.h"
#include "runtime/cancel.h"
#include "runtime/linux/linux_process.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "test/storage/append/cases.h"
#include "test/storage/append/judge.h"
#include "test/storage/append/reference.h"

namespace {

using ottla::Cancel;
using ottla::Process;
using ottla::Task;
using ottla::append_check::Case;
using ottla::append_check::Judge;
using ottla::append_check::Reference;

Task<int> check(ottla::rpc::ClientConnection& connection, std::string wanted) {
  Reference reference(connection);
  if (const auto made = co_await reference.create_topics(); !made.ok()) {
    fmt::print("{}\n0 passed, 1 failed\n", made.error().to_string());
    co_return 1;
  }
  Judge judge;
  int passed = 0;
  int failed = 0;
  for (const Case& sent : ottla::append_check::all_cases()) {
    if (sent.name.find(wanted) == std::string::npos) continue;
    const auto answer = co_await reference.produce(sent);
    const std::string finding = answer.ok() ? judge.judge(sent, *answer) : answer.error().to_string();
    (finding.empty() ? passed : failed) += 1;
    fmt::print("{} {}: {}{}{}\n", finding.empty() ? "ok    " : "FAILED", sent.topic, sent.name,
               finding.empty() ? "" : ": ", finding);
    std::fflush(stdout);
  }
  fmt::print("{} passed, {} failed\n", passed, failed);
  co_return failed == 0 && passed > 0 ? 0 : 1;
}

Task<int> connect_and_check(std::string host, std::uint16_t port, std::string wanted, Cancel cancel) {
  ottla::Network& network = ottla::Shard::current().network();
  const auto addresses = co_await network.resolve(host, port, cancel);
  if (!addresses.ok()) {
    fmt::print("{}\n0 passed, 1 failed\n", addresses.error().to_string());
    co_return 1;
  }
  auto connection = co_await ottla::rpc::ClientConnection::connect(network, addresses->front(),
                                                                   {.client_id = "append-check"}, cancel);
  if (!connection.ok()) {
    fmt::print("{}\n0 passed, 1 failed\n", connection.error().to_string());
    co_return 1;
  }
  const int rc = co_await check(**connection, std::move(wanted));
  co_await (*connection)->close();
  co_return rc;
}

}  // namespace

int main(int count, char** words) {
  if (count != 3 && count != 4) {
    std::fputs("ottla-append-check HOST PORT [NAME]\n", stderr);
    return 2;
  }
  const std::string host = words[1];
  const auto port = static_cast<std::uint16_t>(std::atoi(words[2]));
  const std::string wanted = count == 4 ? words[3] : "";
  return ottla::run_linux_process({.shards = 1}, [host, port, wanted](Process&, Cancel cancel) {
    return connect_and_check(host, port, wanted, cancel);
  });
}
