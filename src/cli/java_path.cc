#include "cli/java_path.h"

#include <string>
#include <string_view>

namespace ottla::cli {

std::string tidy_path(std::string_view path) {
  std::string tidy;
  for (const char c : path) {
    if (c != '/' || tidy.empty() || tidy.back() != '/') tidy += c;
  }
  if (tidy.size() > 1 && tidy.ends_with('/')) tidy.pop_back();
  return tidy;
}

}  // namespace ottla::cli
