// How much of something (bytes of memory, mostly) a part of the program may hold, within what its parent may.
//
// Use:         Budget node("ottla.memory", 1 << 30);   Budget connection("connection", 1 << 20, &node);
// Lifetime:    a parent outlives its children; a budget outlives all that is charged to it.
// Concurrency: confined to one shard; a node-wide sum is dealt out to shards in portions.
// Invariants:  1. used() <= limit(), unless the limit was lowered below it
//              2. a charge counts in the budget and in all its ancestors, or nowhere
//              3. used() == 0 at the end: a leak aborts with the budget's name
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace ottla {

class Budget {
 public:
  // `name` is a literal.
  Budget(std::string_view name, std::size_t limit, Budget* parent = nullptr);
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;
  ~Budget();

  // False, and nothing changed but a count, when this budget or an ancestor has not that much left.
  [[nodiscard]] bool try_charge(std::size_t amount);
  void release(std::size_t amount);

  std::string_view name() const { return name_; }
  std::size_t limit() const { return limit_; }
  std::size_t used() const { return used_; }
  std::size_t high_water() const { return high_water_; }
  // What could be charged now, ancestors included.
  std::size_t left() const;
  // Charges that found this very budget spent.
  std::uint64_t refusals() const { return refusals_; }

  // May fall below used(): then nothing is charged until enough has been released.
  void set_limit(std::size_t limit) { limit_ = limit; }

 private:
  std::size_t own_left() const { return limit_ > used_ ? limit_ - used_ : 0; }

  const std::string_view name_;
  Budget* const parent_;
  std::size_t limit_;
  std::size_t used_ = 0;
  std::size_t high_water_ = 0;
  std::size_t children_ = 0;
  std::uint64_t refusals_ = 0;
};

// A charge that is given back when its holder ends.
class BudgetCharge {
 public:
  BudgetCharge() = default;
  BudgetCharge(BudgetCharge&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), amount_(std::exchange(other.amount_, 0)) {}
  BudgetCharge& operator=(BudgetCharge&& other) noexcept {
    BudgetCharge moved(std::move(other));
    std::swap(budget_, moved.budget_);
    std::swap(amount_, moved.amount_);
    return *this;
  }
  ~BudgetCharge() { reset(); }

  // Empty (and false) when the budget is spent.
  static BudgetCharge take(Budget& budget, std::size_t amount) {
    BudgetCharge charge;
    if (budget.try_charge(amount)) {
      charge.budget_ = &budget;
      charge.amount_ = amount;
    }
    return charge;
  }

  explicit operator bool() const { return budget_ != nullptr; }
  std::size_t amount() const { return amount_; }
  void reset() {
    if (budget_ != nullptr) budget_->release(amount_);
    budget_ = nullptr;
    amount_ = 0;
  }

 private:
  Budget* budget_ = nullptr;
  std::size_t amount_ = 0;
};

}  // namespace ottla
