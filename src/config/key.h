// What a configuration key is: one row of the tables in config/tables/.
//
// Use:        constexpr Key row = {"num.partitions", Type::int32, "1", at_least(1), Importance::medium,
//                                  UpdateMode::read_only, "Partitions of …"};
// Lifetime:   rows are constants; everything that they refer to lives as long as the program.
// Invariants: a default, where there is one, is a value that the row's own rules accept.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "config/validator.h"

namespace ottla::config {

// As DescribeConfigs tells them; the numbers are those of the protocol.
enum class Type : std::uint8_t {
  boolean = 1,
  string = 2,
  int32 = 3,
  int16 = 4,
  int64 = 5,
  real = 6,
  list = 7,
  class_name = 8,
  password = 9,
};
// BOOLEAN, STRING, INT … as the reference writes them in its messages.
std::string_view name_of(Type type);

enum class Importance : std::uint8_t { high, medium, low };
std::string_view name_of(Importance importance);

// Whether and where a broker's key can be altered while it runs.
enum class UpdateMode : std::uint8_t { read_only, per_broker, cluster_wide };
std::string_view name_of(UpdateMode mode);

// What a key does in this program, beside being accepted, checked and shown.
enum class Effect : std::uint8_t {
  as_described,
  none,     // there is nothing here that it could change
  not_yet,  // it belongs to a part that is not built: a start warns when it is set
};

// Whether DescribeConfigs shows it. Internal keys are for tests and experts; they can be set all the same.
enum class Visibility : std::uint8_t { shown, internal };

// What a key has when nobody sets it: a text in the form that DescribeConfigs shows, null, or nothing at all (then it
// must be set).
struct Default {
  enum class Kind : std::uint8_t { text, null, required };

  constexpr Default(const char* value) : kind(Kind::text), text(value) {}
  constexpr explicit Default(Kind kind_of) : kind(kind_of) {}

  constexpr std::optional<std::string_view> value() const {
    return kind == Kind::text ? std::optional(text) : std::nullopt;
  }

  Kind kind;
  std::string_view text;
};
inline constexpr Default kNull{Default::Kind::null};
inline constexpr Default kRequired{Default::Kind::required};

struct Key {
  std::string_view name;
  Type type;
  Default otherwise;
  Validator validator;
  Importance importance;
  UpdateMode update;
  std::string_view description;
  Effect effect = Effect::as_described;
  Visibility visibility = Visibility::shown;

  constexpr bool sensitive() const { return type == Type::password; }
  constexpr bool internal() const { return visibility == Visibility::internal; }
};

}  // namespace ottla::config
