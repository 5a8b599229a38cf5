// The reference's own classes that a configuration may name, each for what stands in its place here.
//
// Any other name cannot be loaded: there is no Java in this program.
#pragma once

#include <span>
#include <string_view>

namespace ottla::config {

struct KnownClass {
  std::string_view name;
  std::string_view key;   // where it may stand
  std::string_view here;  // what it means in this program
};

std::span<const KnownClass> known_classes();
bool is_known_class(std::string_view name);
// Whether this class may stand in this key.
bool is_known_class_of(std::string_view key, std::string_view name);

}  // namespace ottla::config
