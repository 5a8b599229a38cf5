#include "server/observation/idle_window.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <numeric>
#include <string>
#include <string_view>
#include <variant>

#include "base/metric_family.h"

namespace ottla::server {
namespace {

// What the runtime counts.
constexpr std::string_view kSlept = "ottla_shard_idle";

std::size_t shard_of(const MetricSample& sample) {
  std::size_t shard = 0;
  for (const MetricLabel& label : sample.labels) {
    if (label.key == "shard") {
      std::from_chars(label.value.data(), label.value.data() + label.value.size(), shard);
    }
  }
  return shard;
}

std::vector<std::uint64_t> slept_in(const MetricSnapshot& snapshot) {
  std::vector<std::uint64_t> slept;
  const auto family = std::ranges::find(snapshot.families, kSlept,
                                        [](const MetricFamilySnapshot& each) { return each.info.name; });
  if (family == snapshot.families.end()) return slept;
  for (const MetricSample& each : family->series) {
    const std::size_t shard = shard_of(each);
    if (slept.size() <= shard) slept.resize(shard + 1);
    slept[shard] = std::get<std::uint64_t>(each.value);
  }
  return slept;
}

}  // namespace

std::vector<double> IdleWindow::look(std::span<const std::uint64_t> slept, Instant now) {
  while (looks_.size() > 1 && now - looks_[1].at >= kLength) looks_.pop_front();
  const Look& then = looks_.front();
  const auto whole = static_cast<double>((now - then.at).count());
  std::vector<double> idle;
  for (std::size_t each = 0; each < slept.size(); ++each) {
    const std::uint64_t before = each < then.slept.size() ? then.slept[each] : 0;
    const double part = whole > 0 ? static_cast<double>(slept[each] - before) / whole : 1;
    idle.push_back(std::min(part, 1.0));
  }
  if (now - looks_.back().at >= kApart) looks_.push_back({.at = now, .slept = {slept.begin(), slept.end()}});
  return idle;
}

void IdleWindow::tell(const MetricSnapshot& snapshot, Instant now, NodeRoles roles, PrometheusText& text) {
  const std::vector<double> idle = look(slept_in(snapshot), now);
  if (idle.empty()) return;
  std::vector<PrometheusSample> shards;
  shards.reserve(idle.size());
  for (std::size_t each = 0; each < idle.size(); ++each) {
    shards.push_back({.labels = {{"networkProcessor", std::to_string(each)}}, .value = idle[each]});
  }
  text.gauge("kafka_network_processor_idle_percent", "The part of its time, 0 to 1, in which a shard slept",
             shards);
  const double all = std::reduce(idle.begin(), idle.end(), 0.0) / static_cast<double>(idle.size());
  constexpr std::string_view kAll = "The part of their time, 0 to 1, in which the shards slept";
  text.gauge("kafka_network_socketserver_networkprocessoravgidle_percent", kAll, all);
  text.gauge("kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent", kAll, all);
  if (roles.broker)
    text.gauge("kafka_server_kafkarequesthandlerpool_brokerrequesthandleravgidle_percent", kAll, all);
  if (roles.controller) {
    text.gauge("kafka_server_kafkarequesthandlerpool_controllerrequesthandleravgidle_percent",
               "The part of its time, 0 to 1, in which the shard of the controller slept", idle.front());
  }
}

}  // namespace ottla::server
