// Decisions on their way out. Messages wait until the vote or epoch that they rest on is saved.
//
// Concurrency: confined to its core.
// Invariants:  1. a message leaves only when the newest election state at its making is durable
//              2. messages leave in the order in which they were made
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <variant>

#include "raft/decision.h"

namespace ottla::raft {

class Outbox {
 public:
  void step(DiskStep step) {
    if (auto* save = std::get_if<SaveElection>(&step)) save->version = ++version_;
    ready_.steps.push_back(std::move(step));
  }
  void notice(Notice notice) { ready_.notices.push_back(std::move(notice)); }
  void send(Outgoing request) { hold(std::move(request)); }
  void answer(Answer answer) { hold(std::move(answer)); }

  void election_saved(std::uint64_t version) {
    if (version > saved_) saved_ = version;
    while (!held_.empty() && held_.front().first <= saved_) {
      release(std::move(held_.front().second));
      held_.pop_front();
    }
  }
  bool election_is_saved() const { return saved_ == version_; }
  Decisions take() { return std::exchange(ready_, {}); }
  bool empty() const { return ready_.empty(); }

 private:
  using Message = std::variant<Outgoing, Answer>;
  void hold(Message message) {
    if (election_is_saved()) return release(std::move(message));
    held_.emplace_back(version_, std::move(message));
  }
  void release(Message message) {
    if (auto* request = std::get_if<Outgoing>(&message)) {
      ready_.requests.push_back(std::move(*request));
    } else {
      ready_.answers.push_back(std::move(std::get<Answer>(message)));
    }
  }

  std::uint64_t version_ = 0;  // of the newest election state
  std::uint64_t saved_ = 0;    // of the newest durable one
  std::deque<std::pair<std::uint64_t, Message>> held_;
  Decisions ready_;
};

}  // namespace ottla::raft
