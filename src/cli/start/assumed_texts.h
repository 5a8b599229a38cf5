// What holds for a node about which nobody says anything else.
//
// Concurrency: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/environment.h"
#include "config/node_config.h"

namespace ottla::cli {

inline constexpr std::uint16_t kUsualPort = 9092;

// A broker and controller in one, or one of them if process.roles says so; on that port. Controllers listen on the next
// one, which only this machine can reach.
config::Texts assumed_texts(std::string_view roles, std::uint16_t port, std::string_view data);

// What the environment and overrides say about that key; the last override counts.
std::optional<std::string> said_about(std::string_view key, const std::vector<config::Variable>& environment,
                                      const std::vector<std::string>& overrides);

// Where data belongs when nobody says: the service manager's directory, the system's, or the user's own. Nothing when
// there is no such place.
std::optional<std::string> usual_data_directory(const std::vector<config::Variable>& environment,
                                                bool privileged);

}  // namespace ottla::cli
