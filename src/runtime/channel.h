// A bounded queue between coroutines of one shard.
//
// Errors: send to a closed channel and receive from a closed and drained one give Errc::closed.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "base/result.h"
#include "runtime/event.h"
#include "runtime/task.h"

namespace ottla {

template <typename T>
class Channel {
 public:
  explicit Channel(std::size_t capacity) : capacity_(capacity) {}

  // Waits for room.
  Task<Result<void>> send(T value, Cancel cancel = {}) {
    while (!closed_ && items_.size() >= capacity_) {
      room_.reset();
      OTTLA_CO_CHECK(co_await room_.wait(cancel));
    }
    if (closed_) co_return Errc::closed;
    items_.push_back(std::move(value));
    item_.wake_all();
    co_return Result<void>();
  }
  bool try_send(T& value) {
    if (closed_ || items_.size() >= capacity_) return false;
    items_.push_back(std::move(value));
    item_.wake_all();
    return true;
  }
  // Waits for an item.
  Task<Result<T>> receive(Cancel cancel = {}) {
    while (items_.empty()) {
      if (closed_) co_return Errc::closed;
      OTTLA_CO_CHECK(co_await item_.wait(cancel));
    }
    co_return *try_receive();
  }
  std::optional<T> try_receive() {
    if (items_.empty()) return std::nullopt;
    std::optional<T> value(std::move(items_.front()));
    items_.pop_front();
    room_.wake_all();
    return value;
  }
  // No more sends; what is queued can still be received.
  void close() {
    closed_ = true;
    room_.set();
    item_.wake_all();
  }

  std::size_t size() const { return items_.size(); }
  bool closed() const { return closed_; }

 private:
  std::size_t capacity_;
  bool closed_ = false;
  std::deque<T> items_;
  Event room_;
  Event item_;
};

}  // namespace ottla
