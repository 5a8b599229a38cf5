#include "test/config/script.h"

#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "config/properties.h"

namespace ottla::config::reference {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char each : text) {
    if (each == '\\')
      out += "\\\\";
    else if (each == '\t')
      out += "\\t";
    else if (each == '\n')
      out += "\\n";
    else if (each == '\r')
      out += "\\r";
    else
      out += each;
  }
  return out;
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      out += text[at];
      continue;
    }
    const char next = text[++at];
    out += next == 't' ? '\t' : next == 'n' ? '\n' : next == 'r' ? '\r' : next;
  }
  return out;
}

std::vector<std::string> read_lines(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

void write_lines(const std::string& path, const std::vector<std::string>& lines) {
  std::ofstream out(path);
  for (const std::string& each : lines) out << each << '\n';
}

Texts texts_of(std::string_view pairs) {
  Texts texts;
  while (!pairs.empty()) {
    const std::size_t end = pairs.find(';');
    const std::string_view pair = pairs.substr(0, end);
    if (const std::size_t equals = pair.find('='); equals != std::string_view::npos) {
      texts.insert_or_assign(unescaped(pair.substr(0, equals)), unescaped(pair.substr(equals + 1)));
    }
    pairs.remove_prefix(end == std::string_view::npos ? pairs.size() : end + 1);
  }
  return texts;
}

Texts read_server_properties(const std::string& path) {
  std::ifstream in(path);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  Texts texts;
  for (const Property& each : *parse_properties(text, path)) texts.insert_or_assign(each.key, each.value);
  return texts;
}

}  // namespace ottla::config::reference
