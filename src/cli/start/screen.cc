#include "cli/start/screen.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>

#include "runtime/address.h"

namespace ottla::cli {

std::string dialled(const Address& address) {
  const bool anywhere = std::ranges::all_of(address.ip(), [](std::uint8_t each) { return each == 0; });
  if (address.family() == Address::Family::local || !anywhere) return address.to_string();
  return fmt::format("localhost:{}", address.port());
}

std::string start_screen(const ScreenFacts& facts) {
  std::string text = fmt::format("\n  Ottla {}, which speaks as Apache Kafka 4.4\n\n", OTTLA_VERSION);
  const auto line = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) text += fmt::format("  {:<12} {}\n", name, value);
  };
  line("clients", fmt::format("{}", fmt::join(facts.clients, ", ")));
  line("controllers", fmt::format("{}", fmt::join(facts.controllers, ", ")));
  line("data", fmt::format("{}{}", fmt::join(facts.directories, ", "), facts.formatted ? " (new)" : ""));
  line("cluster", fmt::format("{}, node {}", facts.cluster_id, facts.node));
  line("metrics", facts.http.empty() ? "" : fmt::format("http://{}/metrics", facts.http));
  line("ready in", fmt::format("{} ms", facts.milliseconds));
  if (!facts.clients.empty()) {
    text += fmt::format(
        "\n  Any Kafka client can use it now:\n"
        "    kafka-topics.sh --bootstrap-server {0} --create --topic hello\n"
        "    kafka-topics.sh --bootstrap-server {0} --describe --topic hello\n",
        facts.clients.front());
  }
  return text + "\n  Ctrl-C stops it. ottla --help lists options and tools.\n\n";
}

}  // namespace ottla::cli
