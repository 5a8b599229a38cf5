#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "config/describe.h"
#include "config/java_numbers.h"
#include "config/layers.h"
#include "config/node_alteration.h"
#include "config/node_rules.h"
#include "config/node_shape.h"
#include "config/quota_rules.h"
#include "config/topic_rules.h"
#include "test/config/script.h"

namespace ottla::config::reference {
namespace {

NodeConfig config_of(const Texts& texts) {
  std::vector<Problem> problems;
  return NodeConfig::read(texts, problems);
}

// A whole configuration: what is wrong with it first.
Result<> check_node(const Texts& texts) {
  std::vector<Problem> problems;
  const NodeConfig config = NodeConfig::read(texts, problems);
  if (!problems.empty()) return Error(Errc::invalid_argument, problems.front().text);
  const NodeShape shape = NodeShape::of(config, problems);
  if (!problems.empty()) return Error(Errc::invalid_argument, problems.front().text);
  const auto broken = broken_rules(config, shape);
  if (broken.empty()) return {};
  return Error(Errc::invalid_argument,
               (broken.front().requirement ? "requirement failed: " : "") + broken.front().text);
}

Texts joined(Texts under, const Texts& over) {
  for (const auto& [key, text] : over) {
    // A minus stands for a key that is taken away.
    if (text == "-") {
      under.erase(key);
    } else {
      under.insert_or_assign(key, text);
    }
  }
  return under;
}

Result<> judge(std::string_view what, const Texts& first, const Texts& second, const Texts& node) {
  NodeLayers layers;
  layers.fixed = node;
  populate_node_id(layers.fixed);
  if (what == "node") {
    const Texts base = texts_of(
        "process.roles=broker,controller;node.id=1;controller.quorum.voters=1@localhost:9093;"
        "listeners=PLAINTEXT://:9092,CONTROLLER://:9093;controller.listener.names=CONTROLLER");
    return check_node(joined(base, first));
  }
  if (what == "alter-broker") return check_node_alteration(layers, Level::broker, first);
  if (what == "alter-cluster") return check_node_alteration(layers, Level::cluster, first);
  if (what == "topic") return check_topic(first, second, config_of(node));
  if (what == "tiered-topic") {
    return check_topic(first, second,
                       config_of(joined(node, {{"remote.log.storage.system.enable", "true"}})));
  }
  if (what == "group") return check_group(first, config_of(node));
  if (what == "client-quota" || what == "ip-quota") {
    const auto& [key, value] = *first.begin();
    const Scope scope = what == "ip-quota" ? Scope::ip_quota : Scope::client_quota;
    return check_quota(scope, key, java_double(value).value_or(0));
  }
  if (what == "client-metrics") return check_client_metrics(first);
  return Error(Errc::invalid_argument, "what is this?");
}

std::string shown(const DescribedSynonym& each) {
  return fmt::format("{}={}@{}", each.name, each.value.value_or("null"), static_cast<int>(each.source));
}

void append(std::vector<std::string>& lines, std::string_view resource,
            const std::vector<Described>& entries) {
  for (const Described& each : entries) {
    std::string synonyms;
    for (const DescribedSynonym& synonym : each.synonyms) synonyms += " " + shown(synonym);
    lines.push_back(fmt::format(
        "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}", resource, each.name, each.type ? static_cast<int>(*each.type) : 0,
        escaped(each.value.value_or("null")), static_cast<int>(each.source), each.read_only ? "ro" : "rw",
        each.sensitive ? "sensitive" : "", escaped(synonyms)));
  }
}

}  // namespace

std::vector<std::string> judged_cases(const std::vector<std::string>& lines, const Texts& node) {
  std::vector<std::string> answers;
  for (const std::string& line : lines) {
    if (line.empty() || line.starts_with('#')) continue;
    std::vector<std::string> fields{""};
    for (const char each : line) {
      if (each == '|')
        fields.emplace_back();
      else
        fields.back() += each;
    }
    fields.resize(3);
    const Result<> judged = judge(fields[0], texts_of(fields[1]), texts_of(fields[2]), node);
    answers.push_back(judged.ok() ? "ok" : "no\t" + escaped(judged.error().text()));
  }
  return answers;
}

std::vector<std::string> described_lines(const std::vector<std::string>& alterations, const Texts& node) {
  NodeLayers layers;
  layers.fixed = node;
  populate_node_id(layers.fixed);
  std::map<std::string, Texts> topics;
  std::map<std::string, Texts> groups;
  std::map<std::string, Texts> subscriptions;
  for (const std::string& line : alterations) {
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t first = line.find('|');
    const std::size_t second = line.find('|', first + 1);
    const std::string what = line.substr(0, first);
    const std::string name = line.substr(first + 1, second - first - 1);
    const Texts texts = texts_of(std::string_view(line).substr(second + 1));
    if (what == "broker") (name.empty() ? layers.cluster : layers.broker) = texts;
    if (what == "topic") topics[name] = texts;
    if (what == "group") groups[name] = texts;
    if (what == "client-metrics") subscriptions[name] = texts;
  }
  // A fresh cluster of the reference has this from the start: it belongs to eligible leader replicas.
  layers.cluster.emplace("min.insync.replicas", "1");
  const NodeConfig config = config_of(layers.effective());
  std::vector<std::string> lines;
  append(lines, "broker:1", describe_node(layers, config));
  append(lines, "broker:", describe_cluster(layers));
  for (const auto& [name, own] : topics) append(lines, "topic:" + name, describe_topic(own, layers, config));
  for (const auto& [name, own] : groups) append(lines, "group:" + name, describe_group(own, layers, config));
  for (const auto& [name, own] : subscriptions) {
    append(lines, "client-metrics:" + name, describe_client_metrics(own));
  }
  return lines;
}

}  // namespace ottla::config::reference
