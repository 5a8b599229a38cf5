// What administrators have asked for, what they were told of it, and what may be true therefore.
//
// Each thing (a topic, the configuration of a resource, a quota…) has a state, as text; empty when it is not there. A
// request is a step from a state to another one, or it is refused. As long as nobody knows what became of a request, it
// may have been taken, once, at any time until its process died; so a thing has as many states as that allows.
//
// Use:         const auto ticket = ledger.begin("topic-a", [](const State& now) -> std::optional<State> { … });
//              ledger.done(ticket);  or refused, declined, lost
// Lifetime:    outlives the world's processes.
// Concurrency: outside of the world; called from within any of its processes.
// Invariants:  1. what is observed is one of the states that are possible (M6, K12)
//              2. a request that was said to be done leads to all states that are possible from then on
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ottla::server {

using State = std::string;
// What a request makes of a state; nothing when it must be refused there.
using Step = std::function<std::optional<State>(const State& now)>;

class Ledger {
 public:
  using Ticket = std::uint64_t;

  explicit Ledger(std::function<void(std::string)> accuse) : accuse_(std::move(accuse)) {}

  // What a thing is like before anybody asks anything of it; otherwise it is not there.
  void know(const std::string& thing, const State& state) { things_[thing].branches = {{.state = state}}; }
  // Before the request is sent.
  Ticket begin(const std::string& thing, Step step);
  void done(Ticket ticket);
  // For what the thing is like.
  void refused(Ticket ticket, const std::string& why);
  // For another reason: it has not happened.
  void declined(Ticket ticket);
  // Nobody knows.
  void lost(Ticket ticket);
  // The process that had the requests is dead.
  void life_ended();

  // What is committed and in force now.
  void observe(const std::string& thing, const State& state);
  void observe_all(const std::function<State(const std::string& thing)>& read);
  bool possible(const std::string& thing, const std::function<bool(const State&)>& fits) const;
  std::string shown(const std::string& thing) const;
  // Of its requests, nobody knows yet what became of so many.
  std::size_t open(const std::string& thing) const;
  std::uint64_t acked() const { return acked_; }

 private:
  struct Branch {
    State state = {};
    std::uint32_t taken = 0;  // a bit for each of the requests below
    friend auto operator<=>(const Branch&, const Branch&) = default;
  };
  struct Request {
    Ticket ticket;
    Step step;
    bool alive = true;      // it may still be taken
    bool given_up = false;  // nobody waits for an answer
  };
  struct Register {
    std::vector<Branch> branches = {{}};
    std::vector<Request> requests;
  };
  struct Place {
    const std::string* thing;
    Register* here;
    std::uint32_t bit;
    std::size_t index;
  };

  Place place_of(Ticket ticket);
  static std::vector<Branch> reachable(const Register& here);
  static void forget(Register& here, std::size_t index);
  template <typename Keep>
  static std::vector<Branch> kept(std::vector<Branch> branches, Keep keep) {
    std::erase_if(branches, [&keep](const Branch& branch) { return !keep(branch); });
    return branches;
  }
  // Takes the request out: these are the branches that agree with what is known of it.
  void settle(const Place& place, std::vector<Branch> branches, const char* what);

  const std::function<void(std::string)> accuse_;
  std::map<std::string, Register> things_;
  std::map<Ticket, std::string> tickets_;
  Ticket next_ = 1;
  std::uint64_t acked_ = 0;
};

}  // namespace ottla::server
