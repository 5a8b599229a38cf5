#include "replica/isr_requests.h"

#include <chrono>
#include <utility>

#include "runtime/sleep.h"

namespace ottla::replica {
namespace {

constexpr Duration kRetryAfter = std::chrono::milliseconds(50);

}  // namespace

void IsrRequests::ask(const PartitionKey& key, IsrProposal proposal) {
  waiting_.insert_or_assign(key, std::move(proposal));
  asked_.set();
}

Task<void> IsrRequests::run(Cancel cancel) {
  while ((co_await asked_.wait(cancel)).ok()) {
    asked_.reset();
    std::vector<IsrQuestion> questions;
    for (auto& [key, proposal] : std::exchange(waiting_, {})) questions.push_back({key, std::move(proposal)});
    if (questions.empty()) continue;
    if (co_await ask_all(std::move(questions))) continue;
    if (!(co_await sleep_for(kRetryAfter, cancel)).ok()) co_return;
    asked_.set();
  }
}

// False when some are to be asked again after a while.
Task<bool> IsrRequests::ask_all(std::vector<IsrQuestion> questions) {
  const Result<std::vector<IsrAnswer>> answers = co_await events_.alter_isr(questions);
  if (!answers.ok()) {
    logger_.warn("the controller cannot be asked about in-sync replicas",
                 field("error", answers.error().to_string()));
    // A later question of the same partition takes this one's place.
    for (IsrQuestion& question : questions) waiting_.emplace(question.key, std::move(question.proposal));
    co_return false;
  }
  bool all = true;
  for (const IsrAnswer& answer : *answers) {
    if (!co_await deliver_(answer)) continue;
    for (IsrQuestion& question : questions) {
      if (question.key != answer.key) continue;
      waiting_.emplace(question.key, std::move(question.proposal));
      all = false;
    }
  }
  co_return all;
}

}  // namespace ottla::replica
