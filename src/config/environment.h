// Keys from the environment, as the reference's container image maps them: KAFKA_NUM_PARTITIONS is num.partitions, "__"
// stands for "_" and "___" for "-".
//
// Lifetime: what is read is copied.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/properties.h"

namespace ottla::config {

struct Variable {
  std::string name;
  std::string value;
};

// Nothing for variables that are not meant for the configuration.
std::optional<std::string> key_of_variable(std::string_view name);

struct VariableProperty {
  std::string variable;
  Property property;
};
// Values are read as the image reads them, which writes them into a properties file: backslashes escape. Errors:
// malformed, naming the variable.
Result<std::vector<VariableProperty>> read_environment(const std::vector<Variable>& environment);

}  // namespace ottla::config
