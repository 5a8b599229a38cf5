#include "metadata/image_tree.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/hex.h"
#include "base/json_text.h"
#include "metadata/registration_text.h"

namespace ottla::metadata {
namespace {

constexpr std::string_view kRedacted = "[redacted]";

// As Java prints a double.
std::string double_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  std::string text;
  JsonText(text).real(value);
  return text;
}

// 2023-11-14T22:13:20.123Z[UTC]
std::string time_text(std::int64_t ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> at{std::chrono::milliseconds(ms)};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 time.hours().count(), time.minutes().count(), time.seconds().count());
  if (time.subseconds().count() > 0) {
    text += fmt::format(".{:03}", time.subseconds().count());
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + "Z[UTC]";
}

std::string escaped(std::string_view name) {
  std::string text;
  for (const char each : name) {
    if (each == '\\' || each == '(' || each == ')') text += '\\';
    text += each;
  }
  return text;
}

// clientId(a)_ip(b)_user(c), of those that have a name.
std::string entity_text(const QuotaEntity& entity) {
  std::string text;
  for (const auto& [type, shown] :
       {std::pair("client-id", "clientId"), std::pair("ip", "ip"), std::pair("user", "user")}) {
    for (const QuotaEntityPart& each : entity.parts) {
      if (each.type != type || !each.name.has_value()) continue;
      text += fmt::format("{}{}({})", text.empty() ? "" : "_", shown, escaped(*each.name));
    }
  }
  return text;
}

// What the reference finds under the name that it gives an entity: the one of its named parts alone.
QuotaEntity named_parts(const QuotaEntity& entity) {
  QuotaEntity named;
  std::ranges::copy_if(entity.parts, std::back_inserter(named.parts),
                       [](const QuotaEntityPart& each) { return each.name.has_value(); });
  return named;
}

class Walk {
 public:
  Walk(const MetadataImage& image, TreeVisitor& visitor, const TreeSecrets& secrets)
      : image_(image), visitor_(visitor), secrets_(secrets) {}

  void all() {
    folder("acls", [this] { folder("byId", [this] { acls(); }); });
    folder("clientQuotas", [this] { quotas(); });
    folder("cluster", [this] {
      folder("brokers", [this] { nodes(image_.cluster.brokers); });
      folder("controllers", [this] { nodes(image_.cluster.controllers); });
    });
    folder("configs", [this] { configs(); });
    folder("delegationToken", [this] { tokens(); });
    folder("features", [this] { features(); });
    folder("producerIds", [this] { file("nextProducerId", std::to_string(image_.next_producer_id)); });
    const Provenance& at = image_.provenance;
    file("provenance", fmt::format("offset {}, epoch {}, time {}", at.offset.raw(), at.epoch.raw(),
                                   time_text(at.append_time_ms)));
    folder("scram", [this] {
      folder("SCRAM-SHA-256", [this] { scram(ScramMechanism::sha_256); });
      folder("SCRAM-SHA-512", [this] { scram(ScramMechanism::sha_512); });
    });
    folder("topics", [this] { topics(); });
  }

 private:
  template <typename F>
  void folder(std::string_view name, F&& content) {
    visitor_.enter(name);
    content();
    visitor_.leave();
  }
  void file(std::string_view name, std::string_view content) {
    visitor_.enter(name);
    visitor_.text(content);
    visitor_.leave();
  }
  void files(const std::map<std::string, std::string>& contents) {
    for (const auto& [name, content] : contents) file(name, content);
  }

  void acls() {
    std::map<std::string, std::string> contents;
    for (const auto& [id, acl] : image_.acls) {
      contents.emplace(
          id.to_string(),
          fmt::format("StandardAcl[resourceType={}, resourceName={}, patternType={}, principal={}, host={}, "
                      "operation={}, permissionType={}]",
                      name_of(acl->resource_type), acl->resource_name, name_of(acl->pattern_type),
                      acl->principal, acl->host, name_of(acl->operation), name_of(acl->permission)));
    }
    files(contents);
  }

  void quotas() {
    std::map<std::string, std::vector<const QuotaEntity*>> entities;
    for (const auto& [entity, values] : image_.client_quotas)
      entities[entity_text(entity)].push_back(&entity);
    for (const auto& [name, same_name] : entities) {
      for (const QuotaEntity* each : same_name) {
        folder(name, [&] {
          const QuotaValues* values = name.empty() ? nullptr : image_.client_quotas.find(named_parts(*each));
          if (values == nullptr) return;
          for (const auto& [key, value] : *values) file(key, double_text(value));
        });
      }
    }
  }

  template <typename Nodes>
  void nodes(const Nodes& registered) {
    std::map<std::string, std::string> contents;
    for (const auto& [id, node] : registered) contents.emplace(id.to_string(), text_of(*node));
    files(contents);
  }

  void configs() {
    std::map<std::string, const std::pair<ConfigResource, ConfigValues>*> resources;
    for (const auto& each : image_.configs) {
      const ConfigResource& resource = each.first;
      resources.emplace(
          fmt::format("{}{}{}", name_of(resource.type), resource.name.empty() ? "" : ":", resource.name),
          &each);
    }
    for (const auto& [name, each] : resources) {
      folder(name, [&] {
        for (const auto& [key, value] : each->second) {
          const bool shown = secrets_.config_shown != nullptr && secrets_.config_shown(each->first.type, key);
          file(key, shown ? std::string_view(value) : kRedacted);
        }
      });
    }
  }

  void tokens() {
    for (const auto& [id, token] : image_.delegation_tokens) {
      const auto secret = [this](auto value) {
        return secrets_.credentials_shown ? fmt::format("{}", value) : std::string(kRedacted);
      };
      file(id, fmt::format("DelegationTokenDatatokenId={}(owner={}(tokenRequester={}(renewers={}, "
                           "issueTimestamp={}, maxTimestamp={}), expiryTimestamp={}",
                           secret(id), secret(token->owner), secret(token->requester),
                           secret(fmt::format("{}", fmt::join(token->renewers, " "))),
                           secret(token->issued_ms), secret(token->most_ms), secret(token->expires_ms)));
    }
  }

  void features() {
    for (const auto& [name, level] : image_.features.finalized)
      file("finalized_" + name, std::to_string(level));
    const std::optional<MetadataVersion> version = image_.features.metadata_version;
    file("metadataVersion",
         version.has_value() ? fmt::format("Optional[{}]", name_of(*version)) : "Optional.empty");
  }

  void scram(ScramMechanism mechanism) {
    for (auto each = image_.scram.lower_bound(ScramUser{.mechanism = mechanism, .name = ""});
         each != image_.scram.end() && each->first.mechanism == mechanism; ++each) {
      const ScramCredential& credential = *each->second;
      const auto secret = [this](const std::vector<std::byte>& bytes) {
        return secrets_.credentials_shown ? hex_encode(bytes) : std::string(kRedacted);
      };
      file(each->first.name,
           fmt::format(
               "ScramCredentialData(salt={}, storedKey={}, serverKey={}, iterations={})",
               secret(credential.salt), secret(credential.stored_key), secret(credential.server_key),
               secrets_.credentials_shown ? std::to_string(credential.iterations) : std::string(kRedacted)));
    }
  }

  void topics() {
    std::map<std::string, const TopicImage*> by_id;
    for (const auto& [id, topic] : image_.topics.by_id) by_id.emplace(id.to_string(), &topic);
    folder("byId", [&] {
      for (const auto& [id, topic] : by_id) folder(id, [&] { files(contents_of(*topic)); });
    });
    folder("byName", [&] {
      for (const auto& [name, id] : image_.topics.by_name)
        folder(name, [&] { files(contents_of(*image_.topics.find(id))); });
    });
  }

  static std::map<std::string, std::string> contents_of(const TopicImage& topic) {
    std::map<std::string, std::string> contents;
    for (const auto& [index, partition] : topic.partitions)
      contents.emplace(index.to_string(), text_of(*partition));
    contents.emplace("name", topic.name);
    contents.emplace("id", topic.id.to_string());
    return contents;
  }

  const MetadataImage& image_;
  TreeVisitor& visitor_;
  const TreeSecrets& secrets_;
};

class OneLine : public TreeVisitor {
 public:
  void enter(std::string_view name) override {
    separate();
    line.append(name).append("(");
    first_ = true;
  }
  void leave() override {
    line += ')';
    first_ = false;
  }
  void text(std::string_view content) override {
    separate();
    line += content;
  }

  std::string line;

 private:
  void separate() {
    if (!first_) line += ", ";
    first_ = false;
  }

  bool first_ = true;
};

}  // namespace

void walk_tree(const MetadataImage& image, TreeVisitor& visitor, const TreeSecrets& secrets) {
  Walk(image, visitor, secrets).all();
}

std::string tree_text(const MetadataImage& image, const TreeSecrets& secrets) {
  OneLine visitor;
  walk_tree(image, visitor, secrets);
  return visitor.line;
}

}  // namespace ottla::metadata
