// What is configured for topics, as far as the controller itself goes by it.
//
// A value is looked for where the reference looks: with the topic, with this node's number, with all brokers, in what
// the node was started with.
#pragma once

#include <cstdint>
#include <string_view>

#include "controller/controller_options.h"
#include "metadata/image.h"

namespace ottla::controller {

// Never more than the topic has replicas.
std::int32_t min_insync_replicas(const ControllerOptions& options, const metadata::MetadataImage& image,
                                 const metadata::TopicImage& topic);
bool unclean_election_enabled(const ControllerOptions& options, const metadata::MetadataImage& image,
                              std::string_view topic);

}  // namespace ottla::controller
