// config_reference ask FOLDER SEED: writes the values to be judged by both ends.
// config_reference answer FOLDER PROPERTIES: writes our answers: about tables, values, cases, descriptions.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "test/config/script.h"

int main(int count, char** words) {
  namespace reference = ottla::config::reference;
  if (count != 4) return 2;
  const std::string folder = words[2];
  if (std::string_view(words[1]) == "ask") {
    const auto seed = static_cast<unsigned>(std::strtoul(words[3], nullptr, 10));
    reference::write_lines(folder + "/values", reference::random_values(seed));
    return 0;
  }
  const auto node = reference::read_server_properties(words[3]);
  reference::write_lines(folder + "/tables.ours", reference::table_lines());
  reference::write_lines(folder + "/values.ours",
                         reference::judged_values(reference::read_lines(folder + "/values")));
  reference::write_lines(folder + "/cases.ours",
                         reference::judged_cases(reference::read_lines(folder + "/cases"), node));
  reference::write_lines(folder + "/described.ours",
                         reference::described_lines(reference::read_lines(folder + "/alterations"), node));
  return 0;
}
