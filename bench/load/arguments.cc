#include "bench/load/arguments.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <stdexcept>
#include <string_view>

namespace ottla::bench {
namespace {

constexpr const char* kUsage =
    "load VERB [--KEY VALUE...]\n"
    "  produce   closed loop: --connections --in-flight --partitions --record --batch --codec --acks "
    "--warmup\n"
    "            --seconds or --amount BYTES; --config KEY=VALUE of the topic\n"
    "  consume   from the beginning to the end of --topic over --connections; --verify 1 looks at each "
    "record\n"
    "  flow      open loop: --rate records a second over --connections, read by --consumers while they come\n"
    "            (0: by nobody)\n"
    "  tail      produce, and consumers at the tail beside it\n"
    "  first     until a record is accepted in each partition: milliseconds --since a time\n"
    "  create    --topic with --partitions; drop deletes it\n"
    "  limits    of the machine, in --directory; synced, sendfile, echo: some of them alone\n"
    "all: --port --topic --watch PROCESS\n";

[[noreturn]] void refuse(const std::string& word) {
  std::fprintf(stderr, "load: %s?\n%s", word.c_str(), kUsage);
  std::exit(2);
}

record::Compression codec_of(const std::string& name) {
  const std::map<std::string, record::Compression> codecs = {{"none", record::Compression::none},
                                                             {"gzip", record::Compression::gzip},
                                                             {"snappy", record::Compression::snappy},
                                                             {"lz4", record::Compression::lz4},
                                                             {"zstd", record::Compression::zstd}};
  return codecs.at(name);
}

using Setter = std::function<void(Arguments&, const std::string&)>;

template <auto Member>
Setter number() {
  return [](Arguments& arguments, const std::string& text) {
    using Value = std::remove_reference_t<decltype(arguments.*Member)>;
    if constexpr (std::is_floating_point_v<Value>) {
      arguments.*Member = std::stod(text);
    } else {
      arguments.*Member = static_cast<Value>(std::stoll(text));
    }
  };
}

std::map<std::string, Setter> setters() {
  return {
      {"--port", number<&Arguments::port>()},
      {"--partitions", number<&Arguments::partitions>()},
      {"--connections", number<&Arguments::connections>()},
      {"--consumers", number<&Arguments::consumers>()},
      {"--in-flight", number<&Arguments::in_flight>()},
      {"--record", number<&Arguments::record>()},
      {"--batch", number<&Arguments::batch>()},
      {"--acks", number<&Arguments::acks>()},
      {"--rate", number<&Arguments::rate>()},
      {"--amount", number<&Arguments::amount>()},
      {"--warmup", number<&Arguments::warmup_s>()},
      {"--seconds", number<&Arguments::seconds>()},
      {"--verify", number<&Arguments::verify>()},
      {"--watch", number<&Arguments::watch>()},
      {"--since", number<&Arguments::since>()},
      {"--threads",
       [](Arguments& arguments, const std::string& text) { arguments.machine.threads = std::stoi(text); }},
      {"--files",
       [](Arguments& arguments, const std::string& text) { arguments.machine.files = std::stoi(text); }},
      {"--topic", [](Arguments& arguments, const std::string& text) { arguments.topic = text; }},
      {"--directory",
       [](Arguments& arguments, const std::string& text) { arguments.machine.directory = text; }},
      {"--codec", [](Arguments& arguments, const std::string& text) { arguments.codec = codec_of(text); }},
      {"--config", [](Arguments& arguments, const std::string& text) {
         const std::size_t equals = text.find('=');
         if (equals == std::string::npos) throw std::invalid_argument("KEY=VALUE");
         arguments.configs.emplace_back(text.substr(0, equals), text.substr(equals + 1));
       }}};
}

}  // namespace

Arguments parse(std::span<char* const> words) {
  if (words.empty()) refuse("which VERB");
  if (std::string_view(words[0]) == "--help" || std::string_view(words[0]) == "-h") {
    std::fputs(kUsage, stdout);
    std::exit(0);
  }
  Arguments arguments;
  arguments.verb = words[0];
  const std::map<std::string, Setter> known = setters();
  for (std::size_t at = 1; at < words.size(); at += 2) {
    const auto setter = known.find(words[at]);
    if (setter == known.end() || at + 1 == words.size()) refuse(words[at]);
    try {
      setter->second(arguments, words[at + 1]);
    } catch (const std::logic_error&) {
      refuse(std::string(words[at]) + " " + words[at + 1]);
    }
  }
  return arguments;
}

}  // namespace ottla::bench
