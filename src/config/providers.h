// Placeholders in values, ${provider:path:key} or ${provider:key}, and the providers that fill them: files, directories
// and the environment.
//
// Reading: through a ProviderDoor, so that this stays pure; the program's own door reads real files.
// Missing: a placeholder that nobody fills stays as it stands, as in the reference.
// Errors:  each names the provider, and what is wrong with it or with what it read.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/environment.h"
#include "config/node_config.h"

namespace ottla::config {

// What a provider may see of the world.
class ProviderDoor {
 public:
  virtual ~ProviderDoor() = default;
  // The bytes of a regular file. Errors: not_found, not a file, too large, whatever else reading meets.
  virtual Result<std::string> read_file(const std::string& path) const = 0;
  virtual bool exists(const std::string& path) const = 0;
};

// One placeholder in a text.
struct Placeholder {
  std::size_t begin = 0;
  std::size_t end = 0;  // behind the brace
  std::string_view provider;
  std::string_view path;  // empty when there is none
  std::string_view key;
};
std::vector<Placeholder> find_placeholders(std::string_view text);

class Providers {
 public:
  // Those that config.providers names, with their parameters. `problems` gets what is wrong with them.
  static Providers configured(const Texts& texts, const std::vector<Variable>& environment,
                              const ProviderDoor& door, std::vector<Problem>& problems);

  // All placeholders of this text filled. `problems` gets what could not be read, under this key.
  std::string fill(std::string_view key, std::string_view text, std::vector<Problem>& problems) const;
  bool empty() const { return by_name_.empty(); }

 private:
  // What one provider finds: nothing when there is no such thing.
  using Lookup =
      std::function<Result<std::optional<std::string>>(std::string_view path, std::string_view key)>;

  std::map<std::string, Lookup, std::less<>> by_name_;
};

// A path without "." and ".." and doubled slashes.
std::string normal_path(std::string_view path);
bool is_inside(std::string_view path, std::string_view directory);

}  // namespace ottla::config
