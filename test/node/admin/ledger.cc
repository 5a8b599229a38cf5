#include "test/node/admin/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace ottla::server {

Ledger::Ticket Ledger::begin(const std::string& thing, Step step) {
  const Ticket ticket = next_++;
  things_[thing].requests.push_back({.ticket = ticket, .step = std::move(step)});
  tickets_.emplace(ticket, thing);
  return ticket;
}

Ledger::Place Ledger::place_of(Ticket ticket) {
  const auto thing = things_.find(tickets_.at(ticket));
  Register& here = thing->second;
  const auto found = std::ranges::find(here.requests, ticket, &Request::ticket);
  const auto index = static_cast<std::size_t>(found - here.requests.begin());
  return {.thing = &thing->first, .here = &here, .bit = 1U << index, .index = index};
}

// All that requests under way may have made of what was possible.
std::vector<Ledger::Branch> Ledger::reachable(const Register& here) {
  std::set<Branch> known(here.branches.begin(), here.branches.end());
  std::vector<Branch> left = here.branches;
  while (!left.empty()) {
    const Branch branch = std::move(left.back());
    left.pop_back();
    for (std::size_t index = 0; index < here.requests.size(); ++index) {
      const std::uint32_t bit = 1U << index;
      if ((branch.taken & bit) != 0 || !here.requests[index].alive) continue;
      std::optional<State> after = here.requests[index].step(branch.state);
      if (!after) continue;
      Branch next{.state = *std::move(after), .taken = branch.taken | bit};
      if (known.insert(next).second) left.push_back(std::move(next));
    }
  }
  return {known.begin(), known.end()};
}

void Ledger::forget(Register& here, std::size_t index) {
  const std::uint32_t below = (1U << index) - 1;
  for (Branch& branch : here.branches) {
    branch.taken = (branch.taken & below) | ((branch.taken >> 1) & ~below);
  }
  std::ranges::sort(here.branches);
  const auto [first, last] = std::ranges::unique(here.branches);
  here.branches.erase(first, last);
  here.requests.erase(here.requests.begin() + static_cast<std::ptrdiff_t>(index));
}

void Ledger::settle(const Place& place, std::vector<Branch> branches, const char* what) {
  if (branches.empty()) {
    accuse_(
        fmt::format("M6: a change of {} {}, which cannot be: {}", *place.thing, what, shown(*place.thing)));
    branches = reachable(*place.here);
  }
  place.here->branches = std::move(branches);
  tickets_.erase(place.here->requests[place.index].ticket);
  forget(*place.here, place.index);
}

void Ledger::done(Ticket ticket) {
  ++acked_;
  const Place place = place_of(ticket);
  settle(place,
         kept(reachable(*place.here),
              [&place](const Branch& branch) { return (branch.taken & place.bit) != 0; }),
         "is said to be done");
}

void Ledger::refused(Ticket ticket, const std::string& why) {
  const Place place = place_of(ticket);
  const Step step = place.here->requests[place.index].step;
  const auto branches = reachable(*place.here);
  const auto untaken =
      kept(branches, [&place](const Branch& branch) { return (branch.taken & place.bit) == 0; });
  const bool right =
      std::ranges::any_of(untaken, [&step](const Branch& branch) { return !step(branch.state); });
  settle(place, right ? untaken : std::vector<Branch>(), ("is refused (" + why + ")").c_str());
}

void Ledger::declined(Ticket ticket) {
  const Place place = place_of(ticket);
  settle(place,
         kept(reachable(*place.here),
              [&place](const Branch& branch) { return (branch.taken & place.bit) == 0; }),
         "is said not to be done");
}

void Ledger::lost(Ticket ticket) {
  const Place place = place_of(ticket);
  Request& request = place.here->requests[place.index];
  request.given_up = true;
  if (request.alive) return;
  tickets_.erase(ticket);
  forget(*place.here, place.index);
}

void Ledger::life_ended() {
  for (auto& [thing, here] : things_) {
    here.branches = reachable(here);
    for (Request& request : here.requests) request.alive = false;
    for (std::size_t index = here.requests.size(); index > 0; --index) {
      if (!here.requests[index - 1].given_up) continue;
      tickets_.erase(here.requests[index - 1].ticket);
      forget(here, index - 1);
    }
  }
}

void Ledger::observe(const std::string& thing, const State& state) {
  Register& here = things_[thing];
  auto fitting = kept(reachable(here), [&state](const Branch& branch) { return branch.state == state; });
  if (fitting.empty()) {
    accuse_(fmt::format("M6: {} is '{}', which cannot be: {}", thing, state, shown(thing)));
    fitting = {{.state = state, .taken = 0}};
  }
  here.branches = std::move(fitting);
}

void Ledger::observe_all(const std::function<State(const std::string& thing)>& read) {
  for (auto& [thing, here] : things_) observe(thing, read(thing));
}

bool Ledger::possible(const std::string& thing, const std::function<bool(const State&)>& fits) const {
  const auto found = things_.find(thing);
  if (found == things_.end()) return fits({});
  return std::ranges::any_of(reachable(found->second),
                             [&fits](const Branch& branch) { return fits(branch.state); });
}

std::string Ledger::shown(const std::string& thing) const {
  const auto found = things_.find(thing);
  if (found == things_.end()) return "''";
  std::set<State> states;
  for (const Branch& branch : reachable(found->second)) states.insert(branch.state);
  std::string text;
  for (const State& state : states) text += fmt::format("{}'{}'", text.empty() ? "" : " or ", state);
  return fmt::format("{}, with {} requests under way", text, found->second.requests.size());
}

std::size_t Ledger::open(const std::string& thing) const {
  const auto found = things_.find(thing);
  return found == things_.end() ? 0 : found->second.requests.size();
}

}  // namespace ottla::server
