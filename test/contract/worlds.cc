#include "test/contract/world_under_test.h"

namespace ottla::contract {

const std::vector<Kind>& all_worlds() {
  static const std::vector<Kind> worlds = {Kind::real};
  return worlds;
}

std::unique_ptr<WorldUnderTest> make_world(Kind) {
  return make_real_world();
}

}  // namespace ottla::contract
