#include "test/contract/world_under_test.h"

namespace ottla::contract {
namespace {

using MakeWorld = std::unique_ptr<WorldUnderTest> (*)();

class Telling final : public testing::Test {
 public:
  Telling(MakeWorld make, Story story) : make_(make), story_(std::move(story)) {}
  void TestBody() override { make_()->run(2, story_); }

 private:
  MakeWorld make_;
  Story story_;
};

struct WorldName {
  const char* suffix;
  MakeWorld make;
};
constexpr WorldName kWorlds[] = {
    {"_real", make_real_world},
#ifndef OTTLA_REAL_WORLD_ONLY
    {"_simulated", make_simulated_world},
#endif
};

}  // namespace

bool tell(const char* suite, const char* name, const char* file, int line,
          Task<void> (*story)(Process&, Cancel, const Place&)) {
  for (const WorldName& world : kWorlds) {
    testing::RegisterTest(
        suite, (std::string(name) + world.suffix).c_str(), nullptr, nullptr, file, line,
        [make = world.make, story]() -> testing::Test* { return new Telling(make, story); });
  }
  return true;
}

}  // namespace ottla::contract
