// Bytes that go to another shard without a copy: one counted claim a message, given back in batches.
//
// Use:         on(shard, [chain = Travelling(std::move(chain))]() mutable { Chain here =
// std::move(chain).arrive(); ... }) Lifetime:    the home shard keeps the original chain until everything
// that arrived was given back. A traveller that
//              never arrives gives back where it dies.
// Concurrency: built on the home shard, arrives on any one; a chain that arrives at home is the original.
#pragma once

#include <utility>

#include "base/chain.h"

namespace ottla {

class TravelClaim;

class Travelling {
 public:
  Travelling() = default;
  explicit Travelling(Chain chain);
  Travelling(Travelling&& other) noexcept : claim_(std::exchange(other.claim_, nullptr)) {}
  Travelling& operator=(Travelling&& other) noexcept {
    std::swap(claim_, other.claim_);
    return *this;
  }
  ~Travelling();

  // On the destination, once.
  Chain arrive() &&;

 private:
  TravelClaim* claim_ = nullptr;
};

}  // namespace ottla
