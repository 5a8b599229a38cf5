// A script of steps, and what came of each.
//
// Lifetime: values.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace ottla::storage::states {

struct Script {
  std::vector<std::string> steps;
  std::vector<std::string> outcomes;  // one a step

  void add(std::string step, std::string outcome) {
    steps.push_back(std::move(step));
    outcomes.push_back(std::move(outcome));
  }
};

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}

  // From 0 to before `end`.
  std::int64_t below(std::int64_t end) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(end));
  }
  bool one_in(std::int64_t times) { return below(times) == 0; }
  template <typename T>
  const T& pick(const std::vector<T>& all) {
    return all[static_cast<std::size_t>(below(std::ssize(all)))];
  }

 private:
  std::mt19937_64 random_;
};

// What a planted bug spoils; none as a rule.
enum class Plant : std::uint8_t { none, marker_epoch, unstable_offset, epoch_end, trailing_blank };

void producer_script(Script& script, Dice& dice, int steps, Plant plant);
void epoch_script(Script& script, Dice& dice, int steps, Plant plant);
void parse_script(Script& script, Dice& dice, int steps, Plant plant);

}  // namespace ottla::storage::states
