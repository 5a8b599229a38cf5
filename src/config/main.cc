// Writes docs/configuration.md to standard output.
#include <cstdio>
#include <string>

#include "config/document.h"

int main() {
  const std::string text = ottla::config::configuration_document();
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}
