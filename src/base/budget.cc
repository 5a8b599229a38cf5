#include "base/budget.h"

#include <algorithm>

#include "base/invariant.h"

namespace ottla {

Budget::Budget(std::string_view name, std::size_t limit, Budget* parent)
    : name_(name), parent_(parent), limit_(limit) {
  if (parent_ != nullptr) ++parent_->children_;
}

Budget::~Budget() {
  OTTLA_INVARIANT(used_ == 0, "budget ends while something is charged to it", name_, used_);
  OTTLA_INVARIANT(children_ == 0, "budget ends before its children", name_, children_);
  if (parent_ != nullptr) --parent_->children_;
}

bool Budget::try_charge(std::size_t amount) {
  for (Budget* budget = this; budget != nullptr; budget = budget->parent_) {
    if (budget->own_left() >= amount) continue;
    ++budget->refusals_;
    return false;
  }
  for (Budget* budget = this; budget != nullptr; budget = budget->parent_) {
    budget->used_ += amount;
    budget->high_water_ = std::max(budget->high_water_, budget->used_);
  }
  return true;
}

void Budget::release(std::size_t amount) {
  for (Budget* budget = this; budget != nullptr; budget = budget->parent_) {
    OTTLA_INVARIANT(amount <= budget->used_, "budget gets back more than was charged", budget->name_, amount,
                    budget->used_);
    budget->used_ -= amount;
  }
}

std::size_t Budget::left() const {
  std::size_t least = own_left();
  for (const Budget* budget = parent_; budget != nullptr; budget = budget->parent_) {
    least = std::min(least, budget->own_left());
  }
  return least;
}

}  // namespace ottla
