// storage_states --seed N --steps N --plant NAME FOLDER: writes FOLDER/script and what comes of it with us,
// FOLDER/ours.

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "test/storage/states/script.h"

namespace ottla::storage::states {
namespace {

constexpr std::string_view kPlants[] = {"none", "marker_epoch", "unstable_offset", "epoch_end",
                                        "trailing_blank"};

void write(const std::filesystem::path& path, const std::vector<std::string>& lines) {
  std::ofstream file(path);
  for (const std::string& each : lines) file << each << '\n';
}

int main_with(const std::vector<std::string_view>& arguments) {
  std::uint64_t seed = 1;
  int steps = 3000;
  Plant plant = Plant::none;
  std::filesystem::path folder;
  for (std::size_t each = 0; each < arguments.size(); ++each) {
    const bool has_value = each + 1 < arguments.size();
    if (arguments[each] == "--seed" && has_value) {
      seed = std::strtoull(arguments[++each].data(), nullptr, 10);
    } else if (arguments[each] == "--steps" && has_value) {
      steps = std::atoi(arguments[++each].data());
    } else if (arguments[each] == "--plant" && has_value) {
      ++each;
      for (std::size_t name = 0; name < std::size(kPlants); ++name) {
        if (kPlants[name] == arguments[each]) plant = static_cast<Plant>(name);
      }
    } else {
      folder = arguments[each];
    }
  }
  if (folder.empty()) {
    fmt::print(stderr, "usage: storage_states [--seed N] [--steps N] [--plant NAME] FOLDER\n");
    return 2;
  }
  Script script;
  Dice dice(seed);
  producer_script(script, dice, steps, plant);
  epoch_script(script, dice, steps, plant);
  parse_script(script, dice, steps, plant);
  write(folder / "script", script.steps);
  write(folder / "ours", script.outcomes);
  return 0;
}

}  // namespace
}  // namespace ottla::storage::states

int main(int count, char** values) {
  return ottla::storage::states::main_with(std::vector<std::string_view>(values + 1, values + count));
}
