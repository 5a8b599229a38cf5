// Adds to the corpus what it misses: protocol-corpus [FOLDER]. Lines that stand are never changed, so that the corpus
// keeps saying what the bytes meant when they were written.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "protocol/registry.h"
#include "protocol/schema.h"
#include "protocol/testing/every_message.h"
#include "test/protocol/corpus/corpus_file.h"

int main(int argc, char** argv) {
  using namespace ottla::protocol;
  const std::string folder = argc > 1 ? argv[1] : std::string(kCorpusFolder);
  std::map<std::string, std::vector<CorpusLine>> files;
  for (const MessageInfo* message : all_messages()) {
    if (files.contains(message->file)) continue;
    auto lines = read_corpus_file(fmt::format("{}/{}.hex", folder, message->file));
    if (!lines.ok()) {
      fmt::print(stderr, "protocol-corpus: {}\n", lines.error().to_string());
      return 1;
    }
    files[message->file] = *std::move(lines);
  }
  std::size_t added = 0;
  for_every_version([&](const MessageInfo& message, std::int16_t version) {
    std::vector<CorpusLine>& lines = files[message.file];
    const bool stands = std::ranges::any_of(lines, [&](const CorpusLine& line) {
      return line.message == message.name && line.version == version;
    });
    if (stands) return;
    for (CorpusLine& line : new_corpus_lines(message, version)) {
      lines.push_back(std::move(line));
      ++added;
    }
  });
  for (const auto& [name, lines] : files) {
    std::ofstream out(fmt::format("{}/{}.hex", folder, name));
    out << fmt::format("# {}.schema: message, version, checksum of its JSON, bytes\n", name);
    for (const CorpusLine& line : lines) out << to_text(line);
    if (!out.flush()) {
      fmt::print(stderr, "protocol-corpus: {}/{}.hex cannot be written\n", folder, name);
      return 1;
    }
  }
  fmt::print("{} lines added\n", added);
}
