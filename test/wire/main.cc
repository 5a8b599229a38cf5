// ottla-wire-check HOST PORT: speaks to a running server, prints what it found, ends with "N passed, N failed".
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
#include "test/wire/conversation.h"

namespace {

using ottla::Cancel;
using ottla::Process;
using ottla::Task;

Task<int> speak(std::string host, std::uint16_t port, Cancel cancel) {
  ottla::Network& network = ottla::Shard::current().network();
  const auto addresses = co_await network.resolve(host, port, cancel);
  if (!addresses.ok()) {
    fmt::print("{}\n0 passed, 1 failed\n", addresses.error().to_string());
    co_return 1;
  }
  auto connection = co_await ottla::rpc::ClientConnection::connect(network, addresses->front(),
                                                                   {.client_id = "wire-check"}, cancel);
  if (!connection.ok()) {
    fmt::print("{}\n0 passed, 1 failed\n", connection.error().to_string());
    co_return 1;
  }
  ottla::wire_check::Conversation conversation(**connection);
  co_await conversation.run();
  co_await (*connection)->close();
  fmt::print("{} passed, {} failed\n", conversation.passed(), conversation.failed());
  co_return conversation.failed() == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) {
    std::fputs("ottla-wire-check HOST PORT\n", stderr);
    return 2;
  }
  const std::string host = words[1];
  const auto port = static_cast<std::uint16_t>(std::atoi(words[2]));
  return ottla::run_linux_process(
      {.shards = 1}, [host, port](Process&, Cancel cancel) { return speak(host, port, cancel); });
}
