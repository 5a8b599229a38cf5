#include "config/providers.h"

#include <fmt/format.h>
#include <regex.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "config/java_numbers.h"
#include "config/properties.h"

namespace ottla::config {
namespace {

constexpr std::string_view kFile = "org.apache.kafka.common.config.provider.FileConfigProvider";
constexpr std::string_view kDirectory = "org.apache.kafka.common.config.provider.DirectoryConfigProvider";
constexpr std::string_view kEnvironment = "org.apache.kafka.common.config.provider.EnvVarConfigProvider";

using Found = Result<std::optional<std::string>>;

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(at);
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parts;
}

// Where a provider may read; everywhere when nobody said.
class AllowedPaths {
 public:
  static Result<AllowedPaths> parse(std::optional<std::string_view> text, const ProviderDoor& door) {
    AllowedPaths allowed;
    for (const std::string& each : split(text.value_or(""), ',')) {
      const std::string path = normal_path(each);
      if (!path.starts_with('/'))
        return Error(Errc::invalid_argument, fmt::format("Path {} is not absolute", path));
      if (!door.exists(path))
        return Error(Errc::invalid_argument, fmt::format("Path {} does not exist", path));
      allowed.paths_.push_back(path);
    }
    return allowed;
  }

  bool allow(std::string_view path) const {
    const std::string normal = normal_path(path);
    return paths_.empty() ||
           std::ranges::any_of(paths_, [&](const std::string& each) { return is_inside(normal, each); });
  }

 private:
  std::vector<std::string> paths_;
};

Found find_in_file(const ProviderDoor& door, std::string_view path, std::string_view key) {
  const auto text = door.read_file(std::string(path));
  if (!text.ok()) {
    return Error(text.error().code(),
                 fmt::format("Could not read properties from file {}: {}", path, text.error().text()));
  }
  OTTLA_TRY(const std::vector<Property> properties, parse_properties(*text, path));
  std::optional<std::string> value;
  for (const Property& each : properties) {
    if (each.key == key) value = each.value;
  }
  return value;
}

Found find_in_directory(const ProviderDoor& door, std::string_view path, std::string_view key) {
  // A key is the name of a file in this directory, never a way out of it.
  if (key.empty() || key == "." || key == ".." || key.find('/') != std::string_view::npos) {
    return std::optional<std::string>();
  }
  auto text = door.read_file(fmt::format("{}/{}", path, key));
  if (text.ok()) return std::optional(*std::move(text));
  const Errc code = text.error().code();
  if (code == Errc::not_found || code == Errc::is_a_directory || code == Errc::not_a_directory) {
    return std::optional<std::string>();
  }
  return Error(code, fmt::format("Could not read file {}/{} for property {}", path, key, key));
}

Found find_variable(const std::vector<Variable>& allowed, std::string_view path, std::string_view key) {
  if (!path.empty()) {
    return Error(Errc::invalid_argument,
                 fmt::format("Path is not supported for EnvVarConfigProvider, invalid value '{}'", path));
  }
  const auto found = std::ranges::find(allowed, key, &Variable::name);
  if (found == allowed.end()) return std::optional<std::string>();
  return std::optional(found->value);
}

// POSIX knows no \d, which a pattern for Java may have.
std::string in_posix(std::string_view pattern) {
  std::string text = "^(";
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const bool digit = pattern.substr(at).starts_with("\\d");
    text += digit ? std::string_view("[0-9]") : pattern.substr(at, 1);
    at += digit ? 1 : 0;
  }
  return text + ")$";
}

// The variables whose whole name fits the pattern.
Result<std::vector<Variable>> fitting(const std::vector<Variable>& environment,
                                      std::optional<std::string_view> pattern) {
  if (!pattern) return environment;
  regex_t wanted;
  if (regcomp(&wanted, in_posix(*pattern).c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
    return Error(Errc::invalid_argument,
                 fmt::format("allowlist.pattern {} is no regular expression", *pattern));
  }
  std::vector<Variable> found;
  std::ranges::copy_if(environment, std::back_inserter(found), [&](const Variable& each) {
    return regexec(&wanted, each.name.c_str(), 0, nullptr, 0) == 0;
  });
  regfree(&wanted);
  return found;
}

std::optional<std::string_view> find(const Texts& texts, std::string_view name) {
  const auto found = texts.find(name);
  if (found == texts.end()) return std::nullopt;
  return found->second;
}

}  // namespace

std::vector<Placeholder> find_placeholders(std::string_view text) {
  std::vector<Placeholder> found;
  std::size_t from = 0;
  while (true) {
    const std::size_t begin = text.find("${", from);
    if (begin == std::string_view::npos) return found;
    const std::size_t brace = text.find('}', begin);
    if (brace == std::string_view::npos) return found;
    const std::string_view inside = text.substr(begin + 2, brace - begin - 2);
    const std::size_t colon = inside.find(':');
    if (colon == std::string_view::npos) {
      from = begin + 2;
      continue;
    }
    Placeholder each{
        .begin = begin, .end = brace + 1, .provider = inside.substr(0, colon), .path = {}, .key = {}};
    const std::string_view rest = inside.substr(colon + 1);
    const std::size_t second = rest.find(':');
    if (second != std::string_view::npos) each.path = rest.substr(0, second);
    each.key = second == std::string_view::npos ? rest : rest.substr(second + 1);
    found.push_back(each);
    from = brace + 1;
  }
}

std::string normal_path(std::string_view path) {
  std::vector<std::string> kept;
  const bool absolute = path.starts_with('/');
  for (std::string& each : split(path, '/')) {
    if (each.empty() || each == ".") continue;
    if (each != "..") {
      kept.push_back(std::move(each));
    } else if (!kept.empty() && kept.back() != "..") {
      kept.pop_back();
    } else if (!absolute) {
      kept.push_back(std::move(each));
    }
  }
  std::string normal = absolute ? "/" : "";
  for (std::size_t each = 0; each < kept.size(); ++each) normal += (each == 0 ? "" : "/") + kept[each];
  return normal;
}

bool is_inside(std::string_view path, std::string_view directory) {
  if (directory == "/") return path.starts_with('/');
  return path == directory || (path.starts_with(directory) && path.substr(directory.size()).starts_with('/'));
}

Providers Providers::configured(const Texts& texts, const std::vector<Variable>& environment,
                                const ProviderDoor& door, std::vector<Problem>& problems) {
  Providers providers;
  for (const std::string& name : java_list(find(texts, "config.providers").value_or(""))) {
    const std::string prefix = fmt::format("config.providers.{}.", name);
    const auto complain = [&](std::string text) {
      problems.push_back({.key = "config.providers", .text = std::move(text)});
    };
    const auto type = find(texts, prefix + "class");
    if (!type) {
      complain(fmt::format("the provider {} has no class: set {}class", name, prefix));
      continue;
    }
    if (*type == kEnvironment) {
      auto allowed = fitting(environment, find(texts, prefix + "param.allowlist.pattern"));
      if (!allowed.ok()) {
        complain(fmt::format("{}: {}", name, allowed.error().text()));
        continue;
      }
      providers.by_name_[name] = [variables = *std::move(allowed)](std::string_view path,
                                                                   std::string_view key) {
        return find_variable(variables, path, key);
      };
      continue;
    }
    if (*type != kFile && *type != kDirectory) {
      complain(fmt::format("the provider {} is of the class {}, which is none of {}, {} and {}", name, *type,
                           kFile, kDirectory, kEnvironment));
      continue;
    }
    auto allowed = AllowedPaths::parse(find(texts, prefix + "param.allowed.paths"), door);
    if (!allowed.ok()) {
      complain(fmt::format("{}: {}", name, allowed.error().text()));
      continue;
    }
    const auto look = *type == kFile ? find_in_file : find_in_directory;
    providers.by_name_[name] = [allowed = *std::move(allowed), look, &door](std::string_view path,
                                                                            std::string_view key) -> Found {
      if (path.empty() || !allowed.allow(path)) return std::optional<std::string>();
      return look(door, path, key);
    };
  }
  return providers;
}

std::string Providers::fill(std::string_view key, std::string_view text,
                            std::vector<Problem>& problems) const {
  std::string filled;
  std::size_t done = 0;
  for (const Placeholder& each : find_placeholders(text)) {
    const auto provider = by_name_.find(each.provider);
    if (provider == by_name_.end()) continue;
    auto found = provider->second(each.path, each.key);
    if (!found.ok()) problems.push_back({.key = std::string(key), .text = std::string(found.error().text())});
    if (!found.ok() || !*found) continue;
    filled += text.substr(done, each.begin - done);
    filled += **found;
    done = each.end;
  }
  filled += text.substr(done);
  return filled;
}

}  // namespace ottla::config
