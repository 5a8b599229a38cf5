// Asks the system for the addresses of a name. That may take long (timeouts of name servers), so it has a few
// threads of its own: neither the shard nor the helpers wait with it.
//
// Lifetime:    threads start when first needed; the destructor waits for the questions that are being asked,
//              whose answers then go nowhere.
// Concurrency: resolve() on the shard of its LinuxNetwork. A question is shared by the asking frame and the
//              thread; who gives up first says so under its lock.
// Errors:      not_found, unreachable when no name server answers for now, cancelled.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "runtime/address.h"
#include "runtime/cancel.h"
#include "runtime/task.h"

namespace ottla {

class NameLookup {
 public:
  NameLookup() = default;
  NameLookup(const NameLookup&) = delete;
  NameLookup& operator=(const NameLookup&) = delete;
  ~NameLookup();

  Task<Result<std::vector<Address>>> resolve(std::string host, std::uint16_t port, Cancel cancel);

 private:
  static constexpr std::size_t kMaxThreads = 4;
  class Question;

  void submit(std::shared_ptr<Question> question);
  void serve();

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::shared_ptr<Question>> queue_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace ottla
